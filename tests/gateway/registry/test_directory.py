"""The registry reads what is there; a bad manifest is reported and stops nothing."""

from pathlib import Path

from gateway.registry import Registry

BUILT_IN = {"chongqing", "zibo", "yuzhong", "national", "neijiang", "sichuan"}


def test_the_built_in_platforms_have_manifests_without_errors() -> None:
    registry = Registry.load()
    assert set(registry.connectors) == BUILT_IN
    assert registry.rejected == ()


def test_a_bad_manifest_is_left_out_with_its_findings_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("manifest: 1\nplatform: [", "utf-8")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "notes.txt").write_text("no manifest", "utf-8")
    registry = Registry.load([tmp_path, tmp_path / "missing"])
    assert set(registry.connectors) == BUILT_IN
    assert [Path(rejected.source).name for rejected in registry.rejected] == ["binary.yaml", "broken.yaml", "missing"]
    assert all(rejected.findings for rejected in registry.rejected)


def test_an_operators_manifest_takes_the_place_of_the_built_in_one(tmp_path: Path) -> None:
    builtin = Registry.load().connectors["zibo"]
    text = (Path(__file__).parents[3] / "connectors" / "platforms" / "zibo.yaml").read_text("utf-8")
    (tmp_path / "zibo.yaml").write_text(text.replace(builtin.platform.name, "淄博改"), "utf-8")
    registry = Registry.load([tmp_path])
    assert registry.connectors["zibo"].platform.name.startswith("淄博改")
    assert set(registry.connectors) == BUILT_IN
