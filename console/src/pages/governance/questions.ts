import type { Schemas } from 'handfast-client';
import type { Action } from './queries';

export type Question = Schemas['BulkEvaluation'];
export type Answer = Schemas['EvaluationAnswer'];

/** What is asked about: a segment, a data source, or data with labels. */
export interface Subject {
  id: string;
  kind: 'segment' | 'dataSource' | 'labels';
  labels?: string[];
}

/** The most questions of one call. */
export const MOST_QUESTIONS = 100;

/** Every subject by itself, for every action: row by row, as the answers come. */
export function questionsOf(
  subjects: readonly Subject[],
  actions: readonly Action[],
  includeDraft: boolean,
): Question[] {
  return subjects.flatMap((subject) =>
    actions.map(({ marketingActionRef }) => ({
      evalRef: `${marketingActionRef.replace(/^\.\./, '')}/constraints`,
      includeDraft,
      ...(subject.kind === 'labels'
        ? { labels: subject.labels ?? [] }
        : { entityList: [{ entityType: subject.kind, entityId: subject.id }] }),
    })),
  );
}

export interface Row {
  subject: Subject;
  /** One for each action. */
  answers: Answer[];
}

/** The answers, back in rows. */
export const rowsOf = (subjects: readonly Subject[], actions: readonly unknown[], answers: readonly Answer[]): Row[] =>
  subjects.map((subject, row) => ({
    subject,
    answers: answers.slice(row * actions.length, (row + 1) * actions.length),
  }));
