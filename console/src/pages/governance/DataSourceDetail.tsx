import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useNavigate, useParams } from 'react-router';
import { useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { DetailPage } from '../../components/DetailPage';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { Labels } from '../../components/Labels';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { useDataSource } from './queries';

export default function DataSourceDetail() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const { source = '' } = useParams();
  const list = inSandbox(sandbox, 'governance/data-sources');
  return (
    <DetailPage
      resource={useDataSource(sandbox, source)}
      title={(value) => value?.name ?? source}
      above={[
        { text: t('governance.title'), href: inSandbox(sandbox, 'governance') },
        { text: t('governance.tab.data-sources'), href: list },
      ]}
      actions={() => (
        <GuardedButton permission="governance:write" onClick={() => void navigate(`${list}/${source}/edit`)}>
          {t('governance.sources.edit')}
        </GuardedButton>
      )}
    >
      {({ dataSourceId, labels, exportControls, inheritedLabels, createdAt, updatedAt }) => (
        <Container header={<Header variant="h2">{t('governance.sources.overview')}</Header>}>
          <KeyValues
            items={[
              { label: t('governance.sources.labels'), value: <Labels labels={labels} /> },
              {
                label: t('governance.sources.controls'),
                value: exportControls.length ? (
                  <ul className="plain">
                    {exportControls.map((control) => (
                      <li key={control}>{t(`governance.control.${control}`)}</li>
                    ))}
                  </ul>
                ) : (
                  t('common.none')
                ),
              },
              { label: t('governance.sources.inherited'), value: <Labels labels={inheritedLabels} /> },
              { label: t('governance.sources.id'), value: <CopyId value={dataSourceId} /> },
              {
                label: t('governance.sources.createdAt'),
                value: createdAt ? <Time at={createdAt} /> : t('governance.sources.builtin'),
              },
              { label: t('governance.sources.updatedAt'), value: <Time at={updatedAt} /> },
            ]}
          />
        </Container>
      )}
    </DetailPage>
  );
}
