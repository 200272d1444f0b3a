import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { KeyValues } from '../../components/KeyValues';
import { useT } from '../../i18n/messages';
import { difference } from './rights';
import { useWords } from './words';

interface Props {
  before: readonly string[];
  after: readonly string[];
  /** The one whose rights they are is who changes them. */
  isSelf: boolean;
  /** Nobody else may manage access. */
  isLast: boolean;
}

/** What a change of rights comes to, before it is made. */
export function RightsChange({ before, after, isSelf, isLast }: Props) {
  const t = useT();
  const { added, removed } = difference(before, after);
  const losesAccess = removed.includes('access:manage');
  return (
    <Container header={<Header variant="h2">{t('access.form.diff')}</Header>}>
      <div className="stack" aria-live="polite">
        {added.length + removed.length === 0 && t('access.form.diff.none')}
        {added.length + removed.length > 0 && (
          <KeyValues
            columns={2}
            items={[
              { label: t('access.form.diff.added'), value: <Listed permissions={added} /> },
              { label: t('access.form.diff.removed'), value: <Listed permissions={removed} /> },
            ]}
          />
        )}
        {losesAccess && isLast && <Alert type="error">{t('access.form.last')}</Alert>}
        {losesAccess && isSelf && !isLast && <Alert type="warning">{t('access.form.self')}</Alert>}
      </div>
    </Container>
  );
}

/** Permissions in words, one below the other. */
export function Listed({ permissions }: { permissions: readonly string[] }) {
  const t = useT();
  const { right } = useWords();
  if (permissions.length === 0) return <>{t('common.none')}</>;
  return (
    <ul className="plain">
      {permissions.map((permission) => (
        <li key={permission}>{right(permission)}</li>
      ))}
    </ul>
  );
}
