import './page.css';
import Spinner from '@cloudscape-design/components/spinner';
import { bodyOf, ifMatch } from 'handfast-client';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { PageProblem } from '../../components/PageProblem';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { ConnectorForm } from './ConnectorForm';
import { type Connector, connectorsKey, useConnector, useConnectorTypes } from './queries';
import { type Schema, type Settings, settingsToChange } from './settings';

export default function EditConnector() {
  const t = useT();
  const sandbox = useSandbox();
  const { connector: id = '' } = useParams();
  const read = useConnector(sandbox, id);
  const types = useConnectorTypes();
  const connector = read.data?.value;
  const title = `${t('privacy.connectors.edit')}: ${connector?.name ?? id}`;
  const page = inSandbox(sandbox, 'privacy/connectors', id);
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [
      { text: t('privacy.title'), href: inSandbox(sandbox, 'privacy') },
      { text: t('privacy.connectors'), href: inSandbox(sandbox, 'privacy/connectors') },
      { text: connector?.name ?? id, href: page },
      { text: t('privacy.connectors.edit') },
    ],
  });
  const error = read.error ?? types.error;
  if (error)
    return <PageProblem title={title} error={error} onRetry={() => void (read.error ? read : types).refetch()} />;
  const schema = types.data?.value.items.find(({ type }) => type === connector?.type)?.settings;
  if (!connector || !schema) return <Spinner size="large" />;
  return (
    <Edit title={title} connector={connector} etag={read.data?.etag ?? null} schema={schema as Schema} page={page} />
  );
}

interface Props {
  title: string;
  connector: Connector;
  etag: string | null;
  schema: Schema;
  page: string;
}

function Edit({ title, connector, etag, schema, page }: Props) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  // What was read first: another's change meanwhile is refused, not overwritten.
  const [first] = useState({ etag, settings: connector.settings as Settings });
  const [name, setName] = useState(connector.name);
  const [settings, setSettings] = useState<Settings>(first.settings);
  const change = useAction(
    (body: { name: string; settings: Settings }) =>
      bodyOf(
        api.PATCH('/sandboxes/{sandbox}/connectors/{connector}', {
          params: { path: { sandbox, connector: connector.connectorId } },
          body,
          headers: ifMatch(first.etag),
        }),
      ),
    { invalidates: [connectorsKey(sandbox)] },
  );
  return (
    <ConnectorForm
      title={title}
      submit={t('privacy.connectors.save')}
      schema={schema}
      secrets={connector.secrets}
      name={name}
      settings={settings}
      onName={setName}
      onSettings={setSettings}
      error={change.error}
      isPending={change.isPending}
      back={page}
      onSubmit={() =>
        change.mutate(
          { name: name.trim(), settings: settingsToChange(schema, first.settings, settings) },
          {
            onSuccess: () => {
              flash.success(t('privacy.connectors.changed'));
              void navigate(page);
            },
          },
        )
      }
    />
  );
}
