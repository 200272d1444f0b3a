import { renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { type Resource, useEdited } from './queries';

test('what is edited stays as it was first read', () => {
  const initialProps: { data: Resource<string> | undefined } = { data: undefined };
  const { result, rerender } = renderHook(useEdited<string>, { initialProps });
  expect(result.current).toBeUndefined();
  rerender({ data: { value: 'first', etag: '"1"' } });
  rerender({ data: { value: "another's", etag: '"2"' } });
  expect(result.current).toEqual({ value: 'first', etag: '"1"' });
});
