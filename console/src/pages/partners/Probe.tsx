import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Schemas } from 'handfast-client';
import { useState } from 'react';
import { useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { KeyValues } from '../../components/KeyValues';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { useT } from '../../i18n/messages';
import { type Connection, useProbe } from './queries';

type ProbeValue = Schemas['ProbeValue'];

/** Whether both sides make the same digests of the probe's values, and what these are. */
export function Probe({ connection }: { connection: Connection }) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const agreements = connection.probe ?? [];
  return (
    <Container
      header={
        <Header variant="h2" description={t('partners.probe.description')}>
          {t('partners.probe')}
        </Header>
      }
    >
      <div className="stack">
        <KeyValues
          items={agreements.map(({ namespace, agrees }) => ({
            label: namespace,
            value: (
              <StatusIndicator type={agrees ? 'success' : 'warning'}>
                {t(agrees ? 'partners.probe.agrees' : 'partners.probe.differs')}
              </StatusIndicator>
            ),
          }))}
        />
        {agreements.some(({ agrees }) => !agrees) && <Box variant="p">{t('partners.probe.differs.detail')}</Box>}
        <ExpandableSection
          headerText={t('partners.probe.values')}
          headerDescription={t('partners.probe.values.description')}
          expanded={isOpen}
          onChange={({ detail }) => setOpen(detail.expanded)}
        >
          {isOpen && <Values connection={connection} />}
        </ExpandableSection>
      </div>
    </Container>
  );
}

function Values({ connection }: { connection: Connection }) {
  const t = useT();
  const read = useProbe(useSandbox(), connection.connectionId, true);
  const columns: Column<ProbeValue>[] = [
    {
      id: 'namespace',
      header: t('partners.namespace'),
      cell: ({ namespace }) => namespace,
      value: ({ namespace }) => namespace,
      width: 190,
    },
    {
      id: 'value',
      header: t('partners.probe.value'),
      cell: ({ value }) => <Box variant="code">{value}</Box>,
      value: ({ value }) => value,
      isRowHeader: true,
      width: 260,
    },
    {
      id: 'digest',
      header: t('partners.probe.digest'),
      cell: ({ digest }) =>
        digest ? <CopyId value={digest} label={t('partners.probe.digest')} /> : t('partners.probe.none'),
      value: ({ digest }) => digest,
      width: 480,
    },
  ];
  return (
    <ResourceTable
      name="partner-probe"
      variant="embedded"
      title={t('partners.probe.values')}
      list={{
        data: read.data && { items: read.data.value.values, isCut: false },
        error: read.error,
        isPending: read.isPending,
        refetch: read.refetch,
      }}
      columns={columns}
      idOf={({ namespace, value }) => `${namespace} ${value}`}
      empty={{ title: t('partners.probe.values') }}
    />
  );
}
