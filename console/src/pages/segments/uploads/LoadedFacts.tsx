import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSandbox } from '../../../api/me';
import { CopyId } from '../../../components/CopyId';
import { Count } from '../../../components/Count';
import { KeyValues } from '../../../components/KeyValues';
import { NameOrId } from '../../../components/NameOrId';
import { Time } from '../../../components/Time';
import { useT } from '../../../i18n/messages';
import { inSandbox } from '../../../paths';
import { useSourceNames } from '../../sources/queries';
import { idOf, isImport, type Loaded, useSegmentNames } from '../queries';
import { FORMAT_NAMES } from './FileSection';
import { Outcome } from './Outcome';

/** What an upload or an import is, and how far. */
export function LoadedFacts({ loaded }: { loaded: Loaded }) {
  const t = useT();
  const sandbox = useSandbox();
  const names = useSegmentNames(sandbox);
  const { segmentId, dataSourceId, dataSourceName } = loaded;
  return (
    <Container header={<Header variant="h2">{t('segments.overview')}</Header>}>
      <SpaceBetween size="l">
        <Outcome loaded={loaded} />
        <KeyValues
          columns={4}
          items={[
            { label: t('segments.upload.mode'), value: t(`segments.mode.${loaded.mode}`) },
            {
              label: t('segments.upload.segment'),
              value: segmentId ? (
                <NameOrId
                  name={names.get(segmentId) ?? null}
                  id={segmentId}
                  href={inSandbox(sandbox, 'segments', segmentId)}
                />
              ) : (
                t('common.none')
              ),
            },
            { label: t('segments.upload.format'), value: FORMAT_NAMES[loaded.format] },
            ...(isImport(loaded) ? [{ label: t('segments.files'), value: <Count value={loaded.parts.total} /> }] : []),
            ...(isImport(loaded) && loaded.sourceId
              ? [{ label: t('segments.import.source'), value: <SourceLink id={loaded.sourceId} /> }]
              : []),
            ...(dataSourceId
              ? [
                  {
                    label: t('segments.dataSource'),
                    value: (
                      <NameOrId
                        name={dataSourceName ?? null}
                        id={dataSourceId}
                        href={inSandbox(sandbox, 'governance/data-sources', dataSourceId)}
                      />
                    ),
                  },
                ]
              : []),
            {
              label: t(isImport(loaded) ? 'segments.import.id' : 'segments.upload.id'),
              value: <CopyId value={idOf(loaded)} />,
            },
            { label: t('segments.upload.createdAt'), value: <Time at={loaded.createdAt} exact /> },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

/** The source that an import is a run of. */
export function SourceLink({ id }: { id: string }) {
  const sandbox = useSandbox();
  const names = useSourceNames(sandbox, true);
  return <NameOrId name={names.get(id) ?? null} id={id} href={inSandbox(sandbox, 'sources', id)} />;
}
