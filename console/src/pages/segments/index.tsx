import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'segments', page: () => import('./SegmentList'), title: 'segments.title', permission: 'segments:read' },
  {
    path: 'segments/create',
    page: () => import('./CreateSegment'),
    title: 'segments.create',
    permission: 'segments:write',
  },
  {
    path: 'segments/uploads',
    page: () => import('./uploads/UploadList'),
    title: 'segments.uploads',
    permission: 'segments:read',
  },
  {
    path: 'segments/uploads/create',
    page: () => import('./uploads/CreateUpload'),
    title: 'segments.upload.create',
    permission: 'segments:write',
  },
  {
    path: 'segments/uploads/:upload',
    page: () => import('./uploads/UploadDetail'),
    title: 'segments.uploads',
    permission: 'segments:read',
  },
  {
    path: 'segments/imports/:import',
    page: () => import('./uploads/ImportDetail'),
    title: 'segments.import',
    permission: 'segments:read',
  },
  {
    path: 'segments/:segment',
    page: () => import('./SegmentDetail'),
    title: 'segments.title',
    permission: 'segments:read',
  },
  {
    path: 'segments/:segment/edit',
    page: () => import('./EditSegment'),
    title: 'segments.edit',
    permission: 'segments:write',
  },
];
