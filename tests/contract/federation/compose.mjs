// Composes the subgraphs named on the command line as name=file, and prints the outcome as JSON.
import { readFileSync } from "node:fs";
import { composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";

const services = process.argv.slice(2).map((argument) => {
  const [name, file] = argument.split("=");
  return { name, url: `http://${name}.example/graphql`, typeDefs: parse(readFileSync(file, "utf-8")) };
});
const outcome = composeServices(services);
const errors = (outcome.errors ?? []).map((error) => error.message);
console.log(JSON.stringify({ errors, supergraph: outcome.supergraphSdl ?? null, api: outcome.publicSdl ?? null }));
