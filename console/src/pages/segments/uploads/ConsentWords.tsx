import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useT } from '../../../i18n/messages';
import { ANSWERS, type Mapping } from './mapping';

interface Props {
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
}

/** What the words in a consent column stand for. */
export function ConsentWords({ mapping, onChange }: Props) {
  const t = useT();
  const [word, setWord] = useState('');
  const answer = (of: string, value: string) => onChange({ ...mapping, answers: { ...mapping.answers, [of]: value } });
  const options = [
    { value: '', label: t('segments.answer.undecided'), description: t('segments.answer.undecided.detail') },
    ...ANSWERS.map((value) => ({ value, label: `${value} – ${t(`segments.answer.${value}`)}` })),
  ];
  return (
    <Container
      header={
        <Header variant="h2" description={t('segments.words.description')}>
          <span dir="auto">{t('segments.words', { column: mapping.column.slice(0, 100) })}</span>
        </Header>
      }
    >
      <SpaceBetween size="m">
        {Object.keys(mapping.answers).length === 0 && <span>{t('segments.words.none')}</span>}
        <Grid gridDefinition={Object.keys(mapping.answers).map(() => ({ colspan: { default: 12, xs: 6, m: 4 } }))}>
          {Object.entries(mapping.answers).map(([each, value]) => (
            <FormField key={each} label={<span dir="auto">{each.slice(0, 100)}</span>}>
              <Select
                selectedOption={options.find((option) => option.value === value) ?? null}
                options={options}
                onChange={({ detail }) => answer(each, detail.selectedOption.value ?? '')}
              />
            </FormField>
          ))}
        </Grid>
        <FormField label={t('segments.words.add')} description={t('segments.words.add.detail')}>
          <SpaceBetween direction="horizontal" size="xs">
            <Input value={word} onChange={({ detail }) => setWord(detail.value)} autoComplete={false} />
            <Button
              formAction="none"
              disabled={!word.trim()}
              onClick={() => {
                answer(word.trim().toLowerCase(), '');
                setWord('');
              }}
            >
              {t('segments.upload.columns.add.button')}
            </Button>
          </SpaceBetween>
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
