"""Training as the settings want it: its rules, its keys, and the catalog that the credit bank asks."""

from gateway.access.service import AccessService
from gateway.application.platforms import RegistryPlatforms
from gateway.application.resource_states import CatalogStates
from gateway.keyed import KeyedHash
from gateway.settings import Settings
from gateway.storage import Database
from gateway.training import TrainingOptions, TrainingService, open_training
from gateway.training.certificates import KeyRing, open_keys
from gateway.training.credit.rules import builtin_rules, read_rules
from schema.credit import CreditRule


async def open_training_of(
    settings: Settings, database: Database, access: AccessService, keys: KeyedHash, platforms: RegistryPlatforms
) -> TrainingService:
    """The doorway of training; raises InvalidInput for rules or keys that cannot be used."""
    options = TrainingOptions(
        samples=settings.sample_rules,
        cycle_hours=settings.cycle_hours,
        smallest_shown=settings.smallest_shown,
        platform_name=lambda code: platforms.label(code) or code,
    )
    return await open_training(
        database,
        access,
        CatalogStates(),
        keys,
        rules_of(settings),
        certificate_keys(settings),
        public_url=settings.public_url,
        options=options,
    )


def rules_of(settings: Settings) -> tuple[CreditRule, ...]:
    """The built-in rules, and those of the operator's files."""
    return (*builtin_rules(), *(rule for path in settings.credit_rules for rule in read_rules(path)))


def certificate_keys(settings: Settings) -> KeyRing:
    """The keys that sign certificates: those of the setting, else those of the data directory."""
    chosen = settings.certificate_keys.get_secret_value() if settings.certificate_keys else None
    return open_keys(chosen, settings.data_dir / "certificates.json")
