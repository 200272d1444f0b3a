"""The local stack: the deployment of template.yaml on an AWS emulator on this machine."""
