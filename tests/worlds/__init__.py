"""What tests share: the worlds that they happen in. No test module is imported by another.

Stores and callers: `stores` (a deployment in moto), `sandboxes` (organisations and who calls for them), `memory` (the
same stores in memory), `outages` (those stores failing, and queues as SQS delivers), `deployed` (a stack that is up).
Areas: `sharing` (feeds), `uploads`, `exports`, `privacy`; `furnished` (one of everything), `lists` (many of it).
Stories: `people` and `stories`, random ones against a model. Data: `data_plane` (Parquet files), `plans`, `template`,
`rights`, `sample_events`. Servers and clients: `gateway`, `contract`, `receiver`, `cli_server`, `connector_servers`.
"""
