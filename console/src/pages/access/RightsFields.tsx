import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import type { Permission } from '../../api/me';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { type Rights, type Role, useRoles } from './queries';
import { byArea } from './rights';
import { useWords } from './words';

interface Props {
  rights: Rights;
  error: unknown;
  onChange: (rights: Rights) => void;
}

/** A role, and single rights beside it. */
export function RightsFields({ rights, error, onChange }: Props) {
  const t = useT();
  const words = useWords();
  const { roles, permissionsOf, all } = useRoles();
  const { role, permissions = [] } = rights;
  const ofRole = permissionsOf(role);
  const options = [
    { value: '', label: t('access.role.none'), description: t('access.roleText.none') },
    ...roles.map((code) => ({ value: code as string, label: words.role(code), description: words.roleText(code) })),
  ];
  const toggle = (permission: Permission, isChosen: boolean) =>
    onChange({
      ...rights,
      permissions: isChosen ? [...permissions, permission] : permissions.filter((other) => other !== permission),
    });
  return (
    <div className="stack">
      <Container header={<Header variant="h2">{t('access.role')}</Header>}>
        <FormField
          label={t('access.role')}
          description={t('access.form.description')}
          errorText={errorAt(error, '/role')}
        >
          <Select
            selectedOption={options.find(({ value }) => value === (role ?? '')) ?? null}
            options={options}
            onChange={({ detail }) =>
              onChange({ ...rights, role: (detail.selectedOption.value || null) as Role | null })
            }
          />
        </FormField>
      </Container>
      <Container
        header={
          <Header variant="h2" description={t('access.form.rights.description')}>
            {t('access.form.rights')}
          </Header>
        }
      >
        <FormField stretch errorText={errorAt(error, '/permissions')}>
          <ColumnLayout columns={3} minColumnWidth={260}>
            {byArea(all).map(([area, ofArea]) => (
              <FormField key={area} label={words.area(area)} stretch>
                <div>
                  {ofArea.map((permission) => (
                    <Checkbox
                      key={permission}
                      checked={ofRole.includes(permission) || permissions.includes(permission)}
                      disabled={ofRole.includes(permission)}
                      description={permission}
                      onChange={({ detail }) => toggle(permission, detail.checked)}
                    >
                      {words.right(permission)}
                    </Checkbox>
                  ))}
                </div>
              </FormField>
            ))}
          </ColumnLayout>
        </FormField>
      </Container>
    </div>
  );
}
