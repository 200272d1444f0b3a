import { describe, expect, it } from 'vitest';
import { namespaceRows } from './namespaces';

const LOYALTY = { namespace: 'LOYALTY', kind: 'text' as const, minLength: 8, maxLength: 12 };
const defined = (more: object = {}) => ({
  ...LOYALTY,
  name: 'Loyalty number',
  status: 'active' as const,
  createdAt: '2026-03-02T09:30:00.000Z',
  dropList: null,
  ...more,
});
const actions = (...rows: Parameters<typeof namespaceRows>) =>
  namespaceRows(...rows).map(({ status, action }) => [status, action]);

describe('namespaces over a connection', () => {
  it('can be taken when the partner proposes what is defined here too', () => {
    const proposed = [{ ...LOYALTY, status: 'proposed_by_partner' as const }];
    expect(actions(proposed, [defined()])).toEqual([['proposed_by_partner', 'enable']]);
    expect(actions(proposed, null)).toEqual([['proposed_by_partner', 'enable']]);
  });

  it('have to be defined first where they are not, or otherwise', () => {
    const proposed = [{ ...LOYALTY, status: 'proposed_by_partner' as const }];
    expect(actions(proposed, [])).toEqual([['proposed_by_partner', 'define']]);
    expect(actions(proposed, [defined({ maxLength: 20 })])).toEqual([
      ['proposed_by_partner', 'define'],
      ['not_proposed', 'enable'],
    ]);
  });

  it('are proposed from what is defined and not disabled', () => {
    expect(actions([], [defined(), defined({ namespace: 'OLD', status: 'disabled' })])).toEqual([
      ['not_proposed', 'enable'],
    ]);
    expect(actions([{ ...LOYALTY, status: 'agreed' }], [defined()])).toEqual([['agreed', 'disable']]);
  });
});
