import { useState } from 'react';
import { type Segment, useSandboxSettings, useSegments } from '../queries';
import { bodyFor, type Choices, INITIAL, type NewUpload } from './body';
import { useLook } from './looking';
import { type Delimiter, type Format, type Look, type Mapping, mappingsOf, unmapped } from './mapping';
import { StoreError } from './transfers';

const NO_SEGMENTS: Segment[] = [];

export type FileDraft = ReturnType<typeof useFileDraft>;

/** What files hold and do: what a look at one of them has told, and what a person has chosen since. */
export function useFileDraft(sandbox: string, first: Partial<Choices>) {
  const listed = useSegments(sandbox).data?.items;
  const segments = listed ?? NO_SEGMENTS;
  const entitlement = useSandboxSettings(sandbox).data?.value.settings.profileEntitlement;
  const looking = useLook(sandbox);
  const [sample, setSample] = useState<File | null>(null);
  /** Columns that folders tell of and files lack. */
  const [partitions, setPartitions] = useState<string[]>([]);
  const [look, setLook] = useState<Look | null>(null);
  const [isStale, setStale] = useState(false);
  const [format, setFormat] = useState<Format | null>(null);
  const [chosen, setChosen] = useState<Record<number, Mapping>>({});
  const [added, setAdded] = useState<string[]>([]);
  const [choices, setChoices] = useState<Choices>({ ...INITIAL, ...first });

  const looked = look?.columns ?? [];
  const mappings = [...(look ? mappingsOf(look) : []), ...added.map(unmapped)].map(
    (mapping, at) => chosen[at] ?? mapping,
  );
  const guessed = mappings.map(({ as, namespace }, at) => {
    const guess = looked[at];
    return guess && guess.as === as && guess.namespace === (namespace ?? null) ? guess : null;
  });
  const ofFolders = [...mappings.keys()].filter(
    (at) => at >= looked.length && !chosen[at] && partitions.includes(mappings[at]?.column ?? ''),
  );

  /** Look at a file anew: its columns are guessed. */
  const take = (taken: File | null, columns: string[] = partitions, delimiter: Delimiter | null = null) => {
    setSample(taken);
    setPartitions(columns);
    setLook(null);
    setStale(false);
    setChosen({});
    setAdded(columns);
    looking.reset();
    if (!taken) return;
    const { segmentId } = choices;
    const said = { ...(segmentId && { segmentId }), ...(delimiter && { dialect: { delimiter } }) };
    looking.mutate(
      { file: taken, body: { fileName: taken.name, ...said } as Parameters<typeof looking.mutate>[0]['body'] },
      {
        onSuccess: (found) => {
          setLook(found);
          setFormat(found.format);
          setAdded(columns.filter((column) => !found.columns.some((each) => each.column === column)));
        },
      },
    );
  };
  const body = (file: { name: string; size: number }, mapped: Mapping[] = mappings): NewUpload => {
    if (!format) throw new Error('no format');
    return bodyFor(file, format, mapped, choices, entitlement != null, look);
  };
  /** Look once more, by the columns as they are mapped now. */
  const lookAgain = () => {
    if (!look || !sample) return;
    const inFile = mappings.filter(({ column }, at) => at < looked.length || !partitions.includes(column));
    looking.mutate(
      { file: sample, body: body(sample, inFile) },
      {
        onSuccess: (found) => {
          setLook({ ...found, columns: look.columns, shareWords: look.shareWords });
          setStale(false);
        },
      },
    );
  };
  const map = (at: number, mapping: Mapping) => {
    setChosen({ ...chosen, [at]: mapping });
    setStale(true);
  };
  const choose = (changes: Partial<Choices>) => {
    setChoices({ ...choices, ...changes });
    setStale(true);
    if (changes.delimiter !== undefined) take(sample, partitions, changes.delimiter);
  };
  const target = segments.find(({ segmentId }) => segmentId === choices.segmentId);
  const isUntargeted = choices.mode === 'snapshot' && !target;
  const isUnsent = looking.error instanceof StoreError;
  return {
    sample,
    look,
    looked,
    isStale,
    format,
    setFormat,
    mappings,
    guessed,
    ofFolders,
    listed,
    segments,
    choices,
    target,
    isUntargeted,
    isMapped: mappings.some(({ as }) => as),
    isComplete: !isUntargeted && format !== null && mappings.some(({ as }) => as),
    isLooking: looking.isPending,
    isFirstLook: looking.isPending && !look,
    hasFailed: looking.isError,
    /** Why the sample did not come to the store. */
    unsent: isUnsent ? looking.error : null,
    error: isUnsent ? null : looking.error,
    take,
    lookAgain,
    map,
    add: (column: string) => setAdded([...added, column]),
    choose,
    body,
  };
}
