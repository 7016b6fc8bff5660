fn main() -> std::process::ExitCode {
    runtime::main(&voting::ADMIN_SECURE_UPLOAD)
}
