"""California's DROP as the OpenAPI document of its Data Broker API (1.2.0) says: a ZIP of lists, and their answers.

State: `key`, `lists` (name → CSV, the new ones), `preparing` (how often a download is answered 202 first). A download
opens a batch, `waiting` (name → CSV), which is closed when every ID of it has a status: only then is there a next one.
`answers` (name → CSV) are the files that were taken for the batch, `statuses` (ID → code) what they said.
"""

import io
import re
import sys
import zipfile

from tests.worlds.connector_servers.serving import Asked, Reply, System, serve

_PART = re.compile(
    rb'Content-Disposition: form-data; name="files"; filename="([^"]+)"\r\nContent-Type: text/csv\r\n\r\n(.*?)\r\n--',
    re.DOTALL,
)
_NAME = re.compile(r"\d{8}_\d{4}_(NDZ|Email|Phone|MAID|NameVIN|CTVID)(_[A-Za-z0-9]{1,10})?\.csv")


class Drop(System):
    """The platform, for one broker."""

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("x-api-key") != self.state["key"]:
            return _says(401, "API key is missing or invalid. Fix or regenerate the API key and try again.")
        match f"{asked.method} {asked.path}":
            case "GET /data/download":
                return self._download()
            case "POST /data/upload":
                return self._upload(asked)
        return _says(404, "The requested endpoint was not found. Check the URL/path and try again.")

    def _download(self) -> Reply:
        if self.state.get("waiting"):
            return _says(409, "Complete the current batch or contact DROP support if a re-download is needed.")
        if not self.state.get("lists"):
            return _says(200, "No new consumer request data or removed identifiers are available.")
        if self.state.get("preparing"):
            self.state["preparing"] -= 1
            return Reply(202, {"message": "No download package is available yet."}, {"Retry-After": "60"})
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.state["lists"].items():
                archive.writestr(name, content)
        self.state |= {"waiting": self.state["lists"], "lists": {}, "answers": {}, "statuses": {}}
        headers = {
            "content-type": "application/zip",
            "content-disposition": 'attachment; filename="20260801_4821_DROP.zip"',
        }
        return Reply(200, packed.getvalue(), headers)

    def _upload(self, asked: Asked) -> Reply:
        if not asked.headers.get("content-type", "").startswith("multipart/form-data; boundary="):
            return _uploaded(400, {}, {"": "Request is malformed."})
        if not self.state.get("waiting"):
            return _says(409, "No active download is waiting for responses.")
        accepted: dict[str, int] = {}
        rejected: dict[str, str] = {}
        for raw, content in _PART.findall(asked.body):
            name, (header, *lines) = raw.decode(), content.decode().splitlines() or [""]
            if name in self.state["answers"]:
                rejected[name] = "A file with this name was already uploaded for the current download."
            elif not _NAME.fullmatch(name):
                rejected[name] = "Only CSV files are accepted."
            elif header != "Id,Status":
                rejected[name] = "Invalid CSV header. Expected: Id,Status."
            else:
                accepted[name] = len(content)
                self.state["answers"][name] = content.decode()
                self.state["statuses"] |= dict(line.split(",") for line in lines)
        asked_for = {
            line.split(",")[0]
            for name, content in self.state["waiting"].items()
            if "_Removed" not in name
            for line in content.splitlines()[1:]
        }
        if asked_for <= self.state["statuses"].keys():
            self.state["waiting"] = {}
        return _uploaded(202 if accepted else 400, accepted, rejected)


def _says(status: int, message: str) -> Reply:
    return Reply(status, {"message": message})


def _uploaded(status: int, accepted: dict[str, int], rejected: dict[str, str]) -> Reply:
    return Reply(
        status,
        {
            "message": "Upload received.",
            "acceptedCount": len(accepted),
            "rejectedCount": len(rejected),
            "accepted": [{"fileName": name, "fileSizeBytes": size} for name, size in accepted.items()],
            "rejected": [{"fileName": name, "message": message} for name, message in rejected.items()],
        },
    )


if __name__ == "__main__":
    serve(Drop(), *map(int, sys.argv[1:]))
