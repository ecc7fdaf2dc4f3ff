// The module that a user imports: everything below it, under one name.
@_exported import LangevinCore
@_exported import LangevinData
@_exported import LangevinDiagnostics
@_exported import LangevinRuns
@_exported import LangevinSamplers
