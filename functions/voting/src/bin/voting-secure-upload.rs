fn main() -> std::process::ExitCode {
    runtime::main(&voting::SECURE_UPLOAD)
}
