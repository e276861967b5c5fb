"""The root of the graph, composed of its areas, and its text."""

from typing import Literal

import strawberry
from strawberry.federation import Schema

from gateway.graph.agreements.mutations.accept_agreement import AcceptAgreement
from gateway.graph.agreements.mutations.propose_agreement import ProposeAgreement
from gateway.graph.agreements.mutations.revoke_agreement import RevokeAgreement
from gateway.graph.agreements.queries import AgreementQuery
from gateway.graph.agreements.types import SharingAgreement
from gateway.graph.connectors.mutations.activate_connector import ActivateConnector
from gateway.graph.connectors.mutations.cancel_harvest import CancelHarvest
from gateway.graph.connectors.mutations.publish_connector_version import PublishConnectorVersion
from gateway.graph.connectors.mutations.register_connector import RegisterConnector
from gateway.graph.connectors.mutations.retire_connector import RetireConnector
from gateway.graph.connectors.mutations.rollback_connector import RollbackConnector
from gateway.graph.connectors.mutations.set_credentials import SetCredentials
from gateway.graph.connectors.mutations.start_harvest import StartHarvest
from gateway.graph.connectors.mutations.suspend_connector import SuspendConnector
from gateway.graph.connectors.mutations.test_read import TestRead
from gateway.graph.connectors.mutations.verify_connector import VerifyConnector
from gateway.graph.connectors.queries import ConnectorQuery
from gateway.graph.connectors.subscriptions import HarvestSubscription
from gateway.graph.connectors.versions import ManifestVersion
from gateway.graph.costs import priced
from gateway.graph.federation.entities import FederationQuery
from gateway.graph.federation.text import client_text
from gateway.graph.linked import (
    Connector,
    HarvestRun,
    Platform,
    Program,
    PublishedFigure,
    QuarantinedRecord,
    Resource,
)
from gateway.graph.nodes.queries import NodeQuery
from gateway.graph.platforms.queries import PlatformQuery
from gateway.graph.programs.queries import ProgramQuery
from gateway.graph.regions.queries import RegionQuery
from gateway.graph.regions.types import Region
from gateway.graph.resources.queries import ResourceQuery
from gateway.graph.scalars import CONFIG
from gateway.graph.search.queries import SearchQuery
from gateway.graph.search.subscriptions import SearchSubscription
from gateway.graph.training.certificates import Certificate
from gateway.graph.training.linked import LedgerEntry, Teacher, TrainingRecord
from gateway.graph.training.mutations.correct_training import CorrectTraining
from gateway.graph.training.mutations.issue_certificate import IssueCertificate
from gateway.graph.training.mutations.recognize_credit import RecognizeCredit
from gateway.graph.training.mutations.record_training import RecordTraining
from gateway.graph.training.mutations.review_training import ReviewTraining
from gateway.graph.training.mutations.revoke_training import RevokeTraining
from gateway.graph.training.queries import TrainingQuery
from gateway.graph.training.rules import CreditRule
from gateway.graph.training.summaries import SummaryQuery
from gateway.graph.usage.figure_queries import FigureQuery
from gateway.graph.usage.measures import MeasureQuery
from gateway.graph.usage.queries import UsageQuery
from gateway.graph.viewer.queries import ViewerQuery
from gateway.graph.vocabularies.queries import VocabularyQuery


@strawberry.type
class Query(
    NodeQuery,
    SearchQuery,
    ResourceQuery,
    PlatformQuery,
    RegionQuery,
    ProgramQuery,
    VocabularyQuery,
    UsageQuery,
    MeasureQuery,
    FigureQuery,
    ViewerQuery,
    TrainingQuery,
    SummaryQuery,
    AgreementQuery,
    ConnectorQuery,
    FederationQuery,
):
    """Every root field."""


@strawberry.type
class Mutation(
    RegisterConnector,
    TestRead,
    PublishConnectorVersion,
    VerifyConnector,
    ActivateConnector,
    RollbackConnector,
    SuspendConnector,
    RetireConnector,
    SetCredentials,
    StartHarvest,
    CancelHarvest,
    RecordTraining,
    CorrectTraining,
    ReviewTraining,
    RevokeTraining,
    RecognizeCredit,
    IssueCertificate,
    ProposeAgreement,
    AcceptAgreement,
    RevokeAgreement,
):
    """Every action; those of one request are carried out one after the other."""


@strawberry.type
class Subscription(HarvestSubscription, SearchSubscription):
    """Everything that is told as it happens."""


NODES = [
    Resource,
    Platform,
    Region,
    Program,
    PublishedFigure,
    Connector,
    ManifestVersion,
    HarvestRun,
    QuarantinedRecord,
    Teacher,
    TrainingRecord,
    LedgerEntry,
    CreditRule,
    Certificate,
    SharingAgreement,
]
"""Types that no root field names but `node` finds."""


FEDERATION: Literal["2.9"] = "2.9"
"""The version of Apollo Federation whose directives the subgraph imports."""


def build_schema() -> strawberry.Schema:
    """The executable schema; building takes tens of milliseconds, so one is kept for the life of the process."""
    return priced(
        Schema(
            query=Query,
            mutation=Mutation,
            subscription=Subscription,
            types=NODES,
            config=CONFIG,
            federation_version=FEDERATION,
        )
    )


def schema_text(schema: strawberry.Schema) -> str:
    """The schema as it is published at /schema.graphql and kept in schema/gateway.graphql."""
    return client_text(schema)
