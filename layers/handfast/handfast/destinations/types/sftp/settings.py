"""Where an SFTP server is, and what is written there."""

from handfast.connectors.sftp_settings import SftpAuthentication, SftpServer
from handfast.destinations.files import FileSettings

__all__ = ["SftpAuthentication", "SftpSettings"]


class SftpSettings(SftpServer, FileSettings):
    """Where the server is, and what is written there."""
