"""What the bodies of all protocols have in common."""

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer


class Body(BaseModel):
    """A body of a protocol: what it does not name is passed over, and a member without a value is left out."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, validate_by_name=True, validate_by_alias=True)

    @model_serializer(mode="wrap")
    def _without_nulls(self, whole: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a type would become the document's schema
        return {name: value for name, value in whole(self).items() if value is not None}
