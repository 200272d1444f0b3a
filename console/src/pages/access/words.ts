import { useIntl } from 'react-intl';

/** The words of roles, permissions and their areas, or their codes where they are new. */
export function useWords() {
  const { messages, formatMessage } = useIntl();
  const word = (key: string, code: string) => (key in messages ? formatMessage({ id: key }) : code);
  return {
    role: (role: string) => word(`access.roleName.${role}`, role),
    roleText: (role: string) => word(`access.roleText.${role}`, ''),
    right: (permission: string) => word(`access.right.${permission.replace(':', '.')}`, permission),
    area: (area: string) => word(`access.area.${area}`, area),
  };
}
