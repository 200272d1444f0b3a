import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { KeyValues } from '../../components/KeyValues';
import { Labels } from '../../components/Labels';
import { MarketingActions } from '../../components/MarketingActions';
import { Written } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import type { Step } from './draft';
import { Estimates } from './Estimates';
import { Explanation } from './Explanation';
import { type Feed, useActiveConnections, useOwnSegments } from './queries';

interface Props {
  feed: Feed;
  etag: string | null;
  onEdit: (step: Step) => void;
}

/** All that was chosen, what policies say of it, and how much of it partners know. */
export function ReviewStep({ feed, etag, onEdit }: Props) {
  const t = useT();
  const sandbox = useSandbox();
  const segments = new Map(useOwnSegments(sandbox).data?.items.map((segment) => [segment.segmentId, segment]));
  const connections = new Map(useActiveConnections(sandbox).data?.items.map((each) => [each.connectionId, each]));
  return (
    <SpaceBetween size="l">
      <Explanation feed={feed.feedId} version={etag} />
      <Part step="configure" onEdit={onEdit}>
        <KeyValues
          columns={2}
          items={[
            { label: t('feeds.name'), value: <Written>{feed.name}</Written> },
            {
              label: t('feeds.description'),
              value: feed.description ? (
                <span dir="auto" className="breaks">
                  {feed.description}
                </span>
              ) : (
                t('common.none')
              ),
            },
            { label: t('feeds.namespaces'), value: <Labels labels={feed.namespaces} /> },
            {
              label: t('feeds.showPopulation'),
              value: t(feed.showPopulation ? 'feeds.showPopulation.yes' : 'feeds.showPopulation.no'),
            },
            { label: t('feeds.restricted'), value: <MarketingActions codes={feed.restrictedMarketingActions} /> },
          ]}
        />
      </Part>
      <Part step="segments" onEdit={onEdit} count={feed.segmentIds.length}>
        <KeyValues
          items={feed.segmentIds.map((id) => ({
            label: t('feeds.segment'),
            value: (
              <>
                <Written>{segments.get(id)?.name ?? id}</Written> (<Count value={segments.get(id)?.counts.identities} />
                )
              </>
            ),
          }))}
        />
      </Part>
      <Part step="partners" onEdit={onEdit} count={feed.connectionIds.length}>
        <KeyValues
          items={feed.connectionIds.map((id) => ({
            label: t('feeds.partner'),
            value: <Written>{connections.get(id)?.partner.organizationName ?? id}</Written>,
          }))}
        />
      </Part>
      <Estimates feed={feed} />
    </SpaceBetween>
  );
}

interface PartProps {
  step: Step;
  count?: number;
  onEdit: (step: Step) => void;
  children: ReactNode;
}

function Part({ step, count, onEdit, children }: PartProps) {
  const t = useT();
  const title = t(`feeds.step.${step}`);
  return (
    <Container
      header={
        <Header
          variant="h2"
          counter={count === undefined ? undefined : `(${count})`}
          actions={
            <Button ariaLabel={t('feeds.review.edit', { step: title })} onClick={() => onEdit(step)}>
              {t('feeds.edit')}
            </Button>
          }
        >
          {title}
        </Header>
      }
    >
      {children}
    </Container>
  );
}
