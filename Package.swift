// swift-tools-version: 6.2
import PackageDescription

// Square roots and logarithms live in libm on Linux; elsewhere the system library has them.
let libm: [LinkerSetting] = [.linkedLibrary("m", .when(platforms: [.linux]))]

// Lets `Tensor` hand out `Span` and `MutableSpan` as properties.
let spans: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

let package = Package(
  name: "Langevin",
  platforms: [.macOS(.v13), .iOS(.v16)],
  products: [
    .library(name: "Langevin", targets: ["Langevin"]),
    .library(name: "LangevinTheory", targets: ["LangevinTheory"]),
    .executable(name: "langevin", targets: ["LangevinCLI"]),
    .executable(name: "langevin-benchmarks", targets: ["LangevinBenchmarks"]),
    .executable(name: "langevin-reproduce", targets: ["LangevinReproduce"]),
  ],
  targets: [
    .target(name: "CLangevinKernels", linkerSettings: libm),
    .target(name: "CLangevinMPI"),
    .target(name: "LangevinPlatform", linkerSettings: libm),
    .target(name: "LangevinCore", dependencies: ["CLangevinKernels", "LangevinPlatform"], swiftSettings: spans),
    .target(name: "LangevinData", dependencies: ["CLangevinKernels", "LangevinPlatform", "LangevinCore"]),
    .target(name: "LangevinSamplers", dependencies: ["CLangevinKernels", "LangevinPlatform", "LangevinCore"]),
    .target(name: "LangevinDiagnostics", dependencies: ["LangevinPlatform"]),
    .target(
      name: "LangevinRuns",
      dependencies: [
        "CLangevinMPI", "LangevinPlatform", "LangevinCore", "LangevinData", "LangevinSamplers", "LangevinDiagnostics",
      ]),
    .target(
      name: "Langevin",
      dependencies: ["LangevinCore", "LangevinData", "LangevinSamplers", "LangevinDiagnostics", "LangevinRuns"]),
    .executableTarget(name: "LangevinCLI", dependencies: ["LangevinPlatform", "Langevin"]),

    .target(
      name: "LangevinTheory",
      dependencies: [
        "CLangevinKernels", "LangevinPlatform", "LangevinCore", "LangevinSamplers", "LangevinDiagnostics",
      ]),

    .target(name: "CLangevinPeak", path: "Benchmarks/CLangevinPeak"),
    .executableTarget(
      name: "LangevinBenchmarks", dependencies: ["CLangevinKernels", "CLangevinPeak", "LangevinPlatform", "Langevin"],
      path: "Benchmarks/LangevinBenchmarks"),
    .executableTarget(
      name: "LangevinReproduce", dependencies: ["LangevinPlatform", "Langevin", "LangevinTheory"],
      path: "Benchmarks/Reproductions"),

    // What tests of several targets share.
    .target(
      name: "_LangevinTestSupport", dependencies: ["LangevinPlatform", "LangevinCore", "LangevinSamplers"],
      path: "Tests/LangevinTestSupport"),

    .testTarget(name: "CLangevinKernelsTests", dependencies: ["CLangevinKernels", "LangevinPlatform"]),
    .testTarget(name: "LangevinCoreTests", dependencies: ["LangevinCore", "_LangevinTestSupport"]),
    .testTarget(
      name: "LangevinSamplersTests",
      dependencies: ["LangevinSamplers", "LangevinTheory", "LangevinReproduce", "_LangevinTestSupport"]),
    .testTarget(
      name: "LangevinTheoryTests", dependencies: ["LangevinSamplers", "LangevinTheory", "_LangevinTestSupport"]),
    .testTarget(name: "LangevinDataTests", dependencies: ["LangevinData"]),
    .testTarget(name: "LangevinDiagnosticsTests", dependencies: ["LangevinDiagnostics"]),
    .testTarget(name: "LangevinRunsTests", dependencies: ["Langevin", "LangevinCLI", "_LangevinTestSupport"]),
    .testTarget(
      name: "LangevinReproduceTests",
      dependencies: ["Langevin", "LangevinReproduce", "LangevinTheory", "_LangevinTestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
