// Tests compare with the mathematics library of the platform.
@_exported import LangevinPlatform
