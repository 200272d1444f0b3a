import Box from '@cloudscape-design/components/box';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { CopyId } from '../../components/CopyId';
import { KeyValues } from '../../components/KeyValues';
import { useT } from '../../i18n/messages';
import { OUTPUTS, rightsOf, trustOf } from './policies';
import type { Source } from './queries';
import './sources.css';

/** The policies of the role that reads a source in S3, to copy. */
export function RolePolicies({ source }: { source: Source }) {
  const t = useT();
  return (
    <ExpandableSection variant="container" headerText={t('sources.role')} headerDescription={t('sources.role.detail')}>
      <SpaceBetween size="l">
        <KeyValues
          columns={2}
          items={[
            { label: t('sources.field.roleArn'), value: <CopyId value={String(source.settings.roleArn ?? '')} /> },
            { label: t('sources.externalId'), value: <CopyId value={source.externalId} /> },
          ]}
        />
        <Policy title={t('sources.role.trust')} text={trustOf(source)}>
          {t('sources.role.trust.detail', { outputs: OUTPUTS.join(', ') })}
        </Policy>
        <Policy title={t('sources.role.rights')} text={rightsOf(source)}>
          {t('sources.role.rights.detail')}
        </Policy>
      </SpaceBetween>
    </ExpandableSection>
  );
}

function Policy({ title, text, children }: { title: string; text: string; children: string }) {
  const t = useT();
  return (
    <SpaceBetween size="xs">
      <div className="row">
        <Box variant="h3">{title}</Box>
        <CopyToClipboard
          copyButtonText={t('sources.copy')}
          copyButtonAriaLabel={t('copy.label', { what: title })}
          copySuccessText={t('copy.done')}
          copyErrorText={t('copy.failed')}
          textToCopy={text}
        />
      </div>
      <Box color="text-body-secondary">{children}</Box>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section className="policy" tabIndex={0} aria-label={title}>
        <pre>{text}</pre>
      </section>
    </SpaceBetween>
  );
}
