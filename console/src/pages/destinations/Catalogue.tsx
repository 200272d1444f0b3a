import Box from '@cloudscape-design/components/box';
import Cards from '@cloudscape-design/components/cards';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useState } from 'react';
import { useIntl } from 'react-intl';
import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { PageProblem } from '../../components/PageProblem';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { matches } from './catalogue';
import { type DestinationType, useDestinationTypes } from './queries';

export default function Catalogue() {
  const t = useT();
  const intl = useIntl();
  const sandbox = useSandbox();
  const types = useDestinationTypes();
  const [text, setText] = useState('');
  const title = t('destinations.catalogue');
  usePage({
    title,
    breadcrumbs: [{ text: t('destinations.title'), href: inSandbox(sandbox, 'destinations') }, { text: title }],
    contentType: 'cards',
  });
  if (types.error && !types.data)
    return <PageProblem title={title} error={types.error} onRetry={() => void types.refetch()} />;
  const all = types.data?.value.items ?? [];
  const found = all.filter((type) => matches(type, text));
  return (
    <Cards
      variant="full-page"
      items={found}
      trackBy="type"
      loading={types.isPending}
      loadingText={t('common.loading')}
      cardsPerRow={[{ cards: 1 }, { minWidth: 700, cards: 2 }, { minWidth: 1200, cards: 3 }]}
      ariaLabels={{ itemSelectionLabel: (_, { name }) => name, selectionGroupLabel: title }}
      header={
        <Header
          variant="awsui-h1-sticky"
          counter={`(${intl.formatNumber(found.length)})`}
          description={t('destinations.catalogue.description')}
        >
          {title}
        </Header>
      }
      filter={
        <TextFilter
          filteringText={text}
          filteringPlaceholder={t('destinations.catalogue.search')}
          filteringAriaLabel={t('destinations.catalogue.search')}
          countText={text ? t('table.matches', { count: found.length }) : ''}
          onChange={({ detail }) => setText(detail.filteringText)}
        />
      }
      empty={
        <Box textAlign="center" color="inherit">
          <Box variant="strong">{t('table.noMatch')}</Box>
          <Box variant="p">{t('destinations.catalogue.noMatch')}</Box>
        </Box>
      }
      cardDefinition={{
        header: (type) => <CardHeader type={type} />,
        sections: [
          { id: 'description', content: ({ description }) => <span lang="en">{description}</span> },
          {
            id: 'export',
            header: t('destinations.export'),
            content: ({ exportType, exportFrequency }) =>
              `${t(`destinations.exportType.${exportType}`)}, ${t(`destinations.frequency.${exportFrequency}`)}`,
          },
          {
            id: 'identities',
            header: t('destinations.identities'),
            content: ({ identities }) =>
              identities.map(({ target }) => (target === '*' ? t('destinations.identities.any') : target)).join(', '),
          },
          { id: 'more', content: (type) => <More type={type} /> },
        ],
      }}
    />
  );
}

function CardHeader({ type }: { type: DestinationType }) {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  return (
    <Header
      variant="h2"
      actions={
        <GuardedButton
          permission="destinations:manage"
          ariaLabel={t('destinations.connectTo', { type: type.name })}
          onClick={() => void navigate(inSandbox(sandbox, 'destinations/connect', type.type))}
        >
          {t('destinations.connect.short')}
        </GuardedButton>
      }
    >
      {type.name}
    </Header>
  );
}

/** What has to be there first, and what the type cannot do. */
function More({ type }: { type: DestinationType }) {
  const t = useT();
  return (
    <SpaceBetween size="xs">
      <ExpandableSection
        headerText={t('destinations.prerequisites', { count: type.prerequisites.length })}
        headingTagOverride="h3"
      >
        <Lines lines={type.prerequisites} />
      </ExpandableSection>
      <ExpandableSection
        headerText={t('destinations.knownLimits', { count: type.knownLimits.length })}
        headingTagOverride="h3"
      >
        <Lines lines={type.knownLimits} />
        <Box variant="small">{t('destinations.limits', { ...type.limits })}</Box>
      </ExpandableSection>
      <ExpandableSection headerText={t('destinations.identities.how')} headingTagOverride="h3">
        <dl className="terms">
          {type.identities.map(({ target, description, considerations }) => (
            <div key={target}>
              <dt>{target === '*' ? t('destinations.identities.any') : target}</dt>
              <dd lang="en">
                {description}. {considerations}
              </dd>
            </div>
          ))}
        </dl>
      </ExpandableSection>
    </SpaceBetween>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul lang="en">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
