#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The bytes of this process that are in memory now, without what was freed and could be given back; nil where the system
/// does not say.
func residentBytes() -> Int? {
  #if canImport(Glibc)
    malloc_trim(0)
  #endif
  #if canImport(Darwin)
    var info = mach_task_basic_info()
    var count = mach_msg_type_number_t(MemoryLayout<mach_task_basic_info>.size / MemoryLayout<natural_t>.size)
    let status = withUnsafeMutablePointer(to: &info) {
      $0.withMemoryRebound(to: integer_t.self, capacity: Int(count)) {
        task_info(mach_task_self_, task_flavor_t(MACH_TASK_BASIC_INFO), $0, &count)
      }
    }
    return status == KERN_SUCCESS ? Int(info.resident_size) : nil
  #else
    // Pages: of the whole address space, resident, ...
    guard let file = fopen("/proc/self/statm", "r") else { return nil }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 256)
    guard fgets(&text, 256, file) != nil else { return nil }
    let fields = text.split(separator: CChar(UInt8(ascii: " ")))
    guard fields.count > 1 else { return nil }
    let pages = fields[1].reduce(0) { 10 * $0 + Int($1 - CChar(UInt8(ascii: "0"))) }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  #endif
}

/// The most bytes that this process has ever had in memory.
func peakResidentBytes() -> Int {
  var usage = rusage()
  getrusage(RUSAGE_SELF, &usage)
  #if canImport(Darwin)
    return usage.ru_maxrss
  #else
    return usage.ru_maxrss * 1024
  #endif
}
