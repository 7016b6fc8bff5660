fn main() -> std::process::ExitCode {
    runtime::main(&voting::FILE_LINK)
}
