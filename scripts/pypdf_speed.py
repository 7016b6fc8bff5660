"""How long pypdf takes to fill a form: pypdf_speed.py <form.pdf> [times]. The yardstick of shared/pdf in scripts/bench."""

import io
import statistics
import sys
import time

from pypdf import PdfReader, PdfWriter


def fill(form):
    """Reads the form, sets every text field and check box, writes the document: what pypdf needs for one filled form."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(form)))
    fields = {
        name: "/Yes" if field.get("/FT") == "/Btn" else "Agüero 123"
        for name, field in (writer.get_fields() or {}).items()
    }
    for page in writer.pages:
        if "/Annots" in page:
            writer.update_page_form_field_values(page, fields, auto_regenerate=False)
    written = io.BytesIO()
    writer.write(written)
    return written.tell()


def main():
    with open(sys.argv[1], "rb") as file:
        form = file.read()
    times = []
    for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 20):
        began = time.perf_counter()
        fill(form)
        times.append(time.perf_counter() - began)
    print(f"{statistics.median(times) * 1e6:.0f}")


if __name__ == "__main__":
    main()
