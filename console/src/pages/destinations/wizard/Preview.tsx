import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from 'handfast-client';
import { useIntl } from 'react-intl';
import { useSandbox } from '../../../api/me';
import { useExclusionName } from '../../../components/exclusions';
import { Waterfall } from '../../../components/Waterfall';
import { useT } from '../../../i18n/messages';
import { useSegmentNames } from '../queries';
import { bodyText, rowsOf } from './sample';

export type ActivationPreview =
  | Schemas['ActivationPreview']
  | (Schemas['ActivationPreview'] & Schemas['ActivationChangePreview']);

/** What an activation would do: how many would be given, how many not and why, and a sample of what is sent. */
export function Preview({ preview }: { preview: ActivationPreview }) {
  const t = useT();
  const exclusion = useExclusionName();
  const { counts, excluded, sample } = preview;
  return (
    <SpaceBetween size="l">
      {'joining' in preview && <Changes preview={preview} />}
      <Container
        header={
          <Header variant="h2" description={t('destinations.dryRun.description')}>
            {t('destinations.dryRun')}
          </Header>
        }
      >
        {counts && excluded ? (
          <SpaceBetween size="m">
            {counts.activated === 0 && <Alert type="warning">{t('destinations.dryRun.nobody')}</Alert>}
            <Waterfall
              label={t('destinations.dryRun')}
              from={{ label: t('destinations.dryRun.members'), count: counts.members }}
              steps={Object.entries(excluded.byReason).map(([reason, count]) => ({ label: exclusion(reason), count }))}
              to={{ label: t('destinations.dryRun.activated'), count: counts.activated }}
            />
          </SpaceBetween>
        ) : (
          <Box>{t('destinations.dryRun.tooMuch')}</Box>
        )}
      </Container>
      <Container
        header={
          <Header variant="h2" description={t('destinations.sample.description')}>
            {t('destinations.sample')}
          </Header>
        }
      >
        <SpaceBetween size="m">
          <table className="sample" aria-label={t('destinations.sample')}>
            <tbody>
              {rowsOf(sample).map(({ path, value }) => (
                <tr key={path}>
                  <th scope="row">{path}</th>
                  <td className="breaks">{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <ExpandableSection headerText={t('destinations.sample.body')}>
            <pre className="payload">{bodyText(sample)}</pre>
          </ExpandableSection>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

function Changes({
  preview,
}: {
  preview: Pick<Schemas['ActivationChangePreview'], 'joining' | 'leaving' | 'segments'>;
}) {
  const t = useT();
  const intl = useIntl();
  const nameOf = useSegmentNames(useSandbox());
  const { joining, leaving, segments } = preview;
  return (
    <Container header={<Header variant="h2">{t('destinations.dryRun.changes')}</Header>}>
      {joining === null || leaving === null ? (
        t('destinations.preview.tooMuch')
      ) : (
        <SpaceBetween size="s">
          <Box variant="strong">{t('destinations.preview.counts', { joining, leaving })}</Box>
          <table className="sample" aria-label={t('destinations.dryRun.changes')}>
            <thead>
              <tr>
                <th scope="col">{t('destinations.segment')}</th>
                <th scope="col">{t('destinations.joining')}</th>
                <th scope="col">{t('destinations.leaving')}</th>
              </tr>
            </thead>
            <tbody>
              {(segments ?? []).map((segment) => (
                <tr key={segment.segmentId}>
                  <th scope="row" dir="auto" className="breaks">
                    {nameOf(segment.segmentId)}
                  </th>
                  <td>{intl.formatNumber(segment.joining)}</td>
                  <td>{intl.formatNumber(segment.leaving)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </SpaceBetween>
      )}
    </Container>
  );
}
