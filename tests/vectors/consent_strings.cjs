// Makes consent_strings.json: what consent strings are made of, and the strings, by the libraries of IAB Tech Lab.
// npm install @iabtechlabtcf/core@1.5.21 @iabgpp/cmpapi@3.2.0 && node consent_strings.cjs > consent_strings.json
const {TCModel, TCString, PurposeRestriction, RestrictionType, GVL} = require('@iabtechlabtcf/core');
const {GppModel} = require(process.cwd() + '/node_modules/@iabgpp/cmpapi/lib/cjs/encoder/GppModel.js');
const {Sections} = require(process.cwd() + '/node_modules/@iabgpp/cmpapi/lib/cjs/encoder/section/Sections.js');
let seed = 7; const rnd = n => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };
const vendors = {}; for (let i = 1; i <= 1400; i++) vendors[i] = {id: i, name: 'v' + i, purposes: [1,2,3,4], legIntPurposes: [7], flexiblePurposes: [1,2,3,4,7], specialPurposes: [], features: [], specialFeatures: [], policyUrl: ''};
const purposes = {}; for (let i = 1; i <= 11; i++) purposes[i] = {id: i, name: '', description: '', illustrations: []};
const gvl = new GVL({gvlSpecificationVersion: 3, vendorListVersion: 100, tcfPolicyVersion: 4, lastUpdated: '2026-01-01T00:00:00Z', purposes, specialPurposes: {}, features: {}, specialFeatures: {}, stacks: {}, vendors});
const tcf = [];
for (let i = 0; i < 24; i++) {
  const m = new TCModel(gvl); m.cmpId = 31; m.cmpVersion = 3; m.isServiceSpecific = i % 2 === 0;
  const p = [], v = [];
  for (let x = 1; x <= 11; x++) if (rnd(3)) { m.purposeConsents.set(x); p.push(x); }
  const dense = i % 3 === 0;
  for (let x = 1; x <= 1400; x++) if (dense ? rnd(2) : rnd(60) === 0 || (x > 300 && x < 380)) { m.vendorConsents.set(x); v.push(x); }
  for (let x = 1; x <= 60; x++) if (rnd(2)) m.vendorLegitimateInterests.set(x);
  const r = [];
  if (i % 4 === 1) for (const x of [755, 20]) { const k = rnd(3); const q = new PurposeRestriction(3, k); m.publisherRestrictions.add(x, q); r.push([3, x, k]); }
  const at = new Date(Date.UTC(2026, i % 12, 1 + i % 28)); m.created = at; m.lastUpdated = at;
  tcf.push({string: TCString.encode(m), updatedAt: m.lastUpdated.toISOString(), purposes: p, vendors: v, restrictions: r});
}
const gpp = [];
for (const name of Sections.SECTION_ORDER) {
  if (!name.startsWith('us')) continue;
  for (let i = 0; i < 6; i++) {
    const m = new GppModel(); const made = {};
    if (name === 'uspv1') { const y = () => 'YN-'[rnd(3)]; const f = {Notice: y(), OptOutSale: y(), LspaCovered: y()}; for (const [k, v] of Object.entries(f)) m.setFieldValue(name, k, v); Object.assign(made, f); }
    else {
      m.setFieldValue(name, ['usmd','usin','usky','usri'].includes(name) ? 'MspaVersion' : 'Version', name === 'usnat' ? 2 : 1);
      const o = m.getSection(name);
      for (const [k, v] of Object.entries(o)) {
        if (k.endsWith('Version')) continue;
        if (k === 'GpcSegmentType') continue;
        if (k === 'GpcSegmentIncluded') { m.setFieldValue(name, k, i % 2 === 0); continue; }
        if (k === 'Gpc') { m.setFieldValue(name, k, rnd(2) === 1); continue; }
        const value = Array.isArray(v) ? v.map(() => rnd(3)) : k === 'MspaCoveredTransaction' ? 1 + rnd(2) : rnd(3);
        m.setFieldValue(name, k, value);
      }
      Object.assign(made, m.getSection(name)); if (m.hasField(name, 'Gpc') && i % 2 === 0) made.Gpc = m.getFieldValue(name, 'Gpc');
    }
    gpp.push({string: m.encode(), sections: {[name]: made}});
  }
}
for (let i = 0; i < 20; i++) {
  const m = new GppModel(); const names = [];
  for (const name of ['usca', 'usva', 'usco', 'usct', 'ustx', 'usnj', 'usri']) if (rnd(2)) { m.setFieldValue(name, 'SaleOptOut', rnd(3)); names.push(name); }
  if (i % 3 === 0) { m.setFieldValue('uspv1', 'Notice', 'Y'); names.push('uspv1'); }
  if (i % 4 === 0) { m.decodeSection('tcfeuv2', tcf[i % tcf.length].string.split('.')[0]); m.setFieldValue('tcfeuv2', 'CmpVersion', 4); names.push('tcfeuv2'); }
  if (!names.length) continue;
  const sections = {}; for (const name of names) { const o = m.getSection(name); sections[name] = name === 'tcfeuv2' ? {PurposeConsents: o.PurposeConsents} : o; }
  gpp.push({string: m.encode(), sections});
}
console.log(JSON.stringify({libraries: {'@iabtechlabtcf/core': '1.5.21', '@iabgpp/cmpapi': '3.2.0'}, tcf, gpp}, null, 0));
