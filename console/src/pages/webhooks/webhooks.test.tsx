import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { problem, show } from '../../testing/render';
import CreateWebhook from './CreateWebhook';
import type { Webhook } from './queries';
import WebhookDetail from './WebhookDetail';
import WebhookList from './WebhookList';

const WEBHOOK: Webhook = {
  webhookId: 'whk_1',
  url: 'https://hooks.example.com/handfast',
  types: ['connection.*'],
  status: 'enabled',
  disabledReason: null,
  createdAt: '2026-03-02T09:30:00.000Z',
  previousSecretUntil: null,
};
const ATTEMPT = {
  at: '2026-03-02T09:30:00.000Z',
  eventId: 'e-1',
  type: 'webhook.test',
  sequence: null,
  attempt: 1,
  error: null,
  nextAttemptAt: null,
};
const page = <T,>(...items: T[]) => ({ items, nextCursor: null });
const options = { area: 'webhooks', permissions: ['access:manage' as const] };

describe('the list', () => {
  it('says what to do first where there is none', async () => {
    await show(<WebhookList />, { ...options, answers: { 'GET /webhooks': () => page() } });
    expect(await screen.findByText(/Create one to hear of connections/)).toBeVisible();
  });

  it('shows a hostile address as text', async () => {
    const url = 'https://hooks.example.com/<img src=x onerror=alert(1)>';
    await show(<WebhookList />, { ...options, answers: { 'GET /webhooks': () => page({ ...WEBHOOK, url }) } });
    expect(await screen.findByRole('link', { name: url })).toBeVisible();
    expect(document.querySelector('img[src=x]')).toBeNull();
  });

  it('shows an error with its request and tries again', async () => {
    let isDown = true;
    const answer = () => (isDown ? problem(403, { detail: 'access:manage is missing' }) : page(WEBHOOK));
    await show(<WebhookList />, { ...options, answers: { 'GET /webhooks': answer } });
    expect(await screen.findByText('Request ID: req-1')).toBeVisible();
    isDown = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('link', { name: WEBHOOK.url })).toBeVisible();
  });

  it('gives those whose grant does not allow it no way to create one', async () => {
    await show(<WebhookList />, { ...options, permissions: [], answers: { 'GET /webhooks': () => page(WEBHOOK) } });
    const button = await screen.findByRole('button', { name: /Create webhook/ });
    expect(button).toHaveAttribute('aria-disabled', 'true');
  });
});

describe('creating one', () => {
  it('shows errors at their fields, keeps its key for the same input, and shows the secret once', async () => {
    const answers = [problem(503, {}), problem(422, { errors: [{ pointer: '/url', message: 'must be https' }] })];
    const { calls } = await show(<CreateWebhook />, {
      ...options,
      at: 'webhooks/create',
      route: 'webhooks/create',
      answers: {
        'GET /reference/event-types': () =>
          page({ code: 'feed.published', name: 'x', description: 'A feed is published' }),
        'POST /webhooks': () => answers.shift() ?? { ...WEBHOOK, secret: 'whsec_shown-once' },
      },
    });
    await userEvent.type(await screen.findByRole('textbox', { name: 'URL' }), 'http://hooks.example.com');
    await userEvent.click(screen.getByRole('button', { name: 'Create webhook' }));
    expect(await screen.findByText('must be https')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Create webhook' }));
    expect(await screen.findByText('whsec_shown-once')).toBeVisible();
    const keys = calls.filter(({ method }) => method === 'POST').map(({ headers }) => headers.get('Idempotency-Key'));
    expect(new Set(keys).size).toBe(1);
    await userEvent.click(screen.getByRole('button', { name: 'I have stored it' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
  });
});

describe('the page of one', () => {
  const at = { at: 'webhooks/whk_1', route: 'webhooks/:webhook' };
  const answers = {
    'GET /webhooks/whk_1': () => Response.json(WEBHOOK, { headers: { ETag: '"3"' } }),
    'GET /webhooks/whk_1/deliveries': () => page({ ...ATTEMPT, statusCode: 500 }),
    'POST /webhooks/whk_1/test': () => ({ ...ATTEMPT, statusCode: 204 }),
    'DELETE /webhooks/whk_1': () => new Response(null, { status: 204 }),
  };

  it('sends a test event and tells the answer', async () => {
    await show(<WebhookDetail />, { ...options, ...at, answers });
    expect(await screen.findByText('HTTP 500')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Send test event' }));
    await waitFor(() => expect(screen.getByTestId('flashes')).toHaveTextContent('answered with 204'));
  });

  it('is deleted only when its address is typed, and only as it was read', async () => {
    const { calls } = await show(<WebhookDetail />, { ...options, ...at, answers });
    await userEvent.click(await screen.findByRole('button', { name: 'Actions' }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Delete' }));
    const dialog = await screen.findByRole('dialog');
    const confirm = within(dialog).getByRole('button', { name: 'Delete' });
    expect(confirm).toBeDisabled();
    await userEvent.type(within(dialog).getByRole('textbox'), WEBHOOK.url);
    await userEvent.click(confirm);
    expect(await screen.findByText('elsewhere')).toBeVisible();
    expect(calls.find(({ method }) => method === 'DELETE')?.headers.get('If-Match')).toBe('"3"');
  });
});
