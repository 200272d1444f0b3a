import type { Source } from './queries';

/** The outputs of the stack that name the roles of Handfast: who assumes a source's role. */
export const OUTPUTS = ['SourcesRoleArn', 'SourceRunsRoleArn', 'UploadsRoleArn'] as const;

const written = (statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2);

/** Whom the role of a source trusts: Handfast's own roles, where they name the source. */
export const trustOf = ({ externalId }: Pick<Source, 'externalId'>): string =>
  written([
    {
      Effect: 'Allow',
      Principal: { AWS: OUTPUTS.map((name) => `<${name}>`) },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': externalId } },
    },
  ]);

/** What the role of a source may do: list and read below its prefix. */
export function rightsOf({ settings }: Pick<Source, 'settings'>): string {
  const bucket = String(settings.bucket ?? '');
  const prefix = String(settings.prefix ?? '');
  const partition = String(settings.roleArn ?? '').split(':')[1] || 'aws';
  const arn = `arn:${partition}:s3:::${bucket}`;
  return written([
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: arn,
      ...(prefix && { Condition: { StringLike: { 's3:prefix': [`${prefix}*`] } } }),
    },
    { Effect: 'Allow', Action: 's3:GetObject', Resource: `${arn}/${prefix}*` },
  ]);
}
