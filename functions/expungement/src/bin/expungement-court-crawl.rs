fn main() -> std::process::ExitCode {
    runtime::main(&expungement::COURT_CRAWL)
}
