"""A first migration that makes all tables of an app at once.

Django draws its picture of all models anew after each operation, which for a hundred tables is most of a first start.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class Tables(migrations.Migration):
    """Its operations make models, and give these what could not be named before the others were there."""

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """Each table as it is in the end."""
        project_state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        for operation in self._models():
            operation.database_forwards(self.app_label, schema_editor, project_state, project_state)
        return project_state

    def _models(self) -> list[migrations.CreateModel]:
        """Those that make a model. What concerns any other model would be lost, so it is refused."""
        models: dict[str, migrations.CreateModel] = {}
        for operation in self.operations:
            match operation:
                case migrations.CreateModel():
                    models[operation.name_lower] = operation
                case migrations.AddField() | migrations.AddIndex() | migrations.AddConstraint() if (
                    operation.model_name_lower in models
                ):
                    pass
                case _:
                    raise ValueError(f"{self} cannot do this with the tables: {operation.describe()}")
        return list(models.values())
