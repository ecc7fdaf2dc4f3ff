// swift-tools-version: 6.2
import PackageDescription

// Square roots and logarithms live in libm on Linux; elsewhere the system library has them.
let libm: [LinkerSetting] = [.linkedLibrary("m", .when(platforms: [.linux]))]

let package = Package(
  name: "Langevin",
  platforms: [.macOS(.v13)],
  products: [
    .library(name: "Langevin", targets: ["Langevin"]),
  ],
  targets: [
    .target(name: "CLangevinKernels", linkerSettings: libm),
    .target(name: "LangevinCore", dependencies: ["CLangevinKernels"]),
    .target(name: "LangevinData", dependencies: ["LangevinCore"]),
    .target(name: "LangevinSamplers", dependencies: ["LangevinCore"]),
    .target(name: "LangevinDiagnostics", linkerSettings: libm),
    .target(
      name: "Langevin",
      dependencies: ["LangevinCore", "LangevinData", "LangevinSamplers", "LangevinDiagnostics"]),

    .testTarget(name: "CLangevinKernelsTests", dependencies: ["CLangevinKernels"]),
    .testTarget(name: "LangevinCoreTests", dependencies: ["LangevinCore"]),
    .testTarget(name: "LangevinDiagnosticsTests", dependencies: ["LangevinDiagnostics"]),
  ],
  swiftLanguageModes: [.v6]
)
