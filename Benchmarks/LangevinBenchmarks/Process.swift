#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Talk goes to standard error, results to standard output.
func standardError(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

/// Ends the process.
func exit(_ status: Int32) -> Never {
  #if canImport(Darwin)
    Darwin.exit(status)
  #elseif canImport(Glibc)
    Glibc.exit(status)
  #else
    Musl.exit(status)
  #endif
}
