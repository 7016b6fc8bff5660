//! Putting pictures and single lines of text on a page: signatures, dates, marks on forms that have no fields.

use std::io::Cursor;

use lopdf::{Dictionary, Object, ObjectId, Stream, dictionary};

use crate::appearance::{cross, fit, show};
use crate::document::Document;
use crate::error::PdfError;
use crate::save::deflate;
use crate::text::{Font, clean, win_ansi};

/// The largest picture, in pixels: a page at 300 dots an inch is 8.4 million.
pub const MAX_PIXELS: usize = 16_000_000;
/// The largest picture file, in bytes.
pub const MAX_IMAGE_BYTES: usize = 10 << 20;

/// A place on a page, in points from its bottom left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Document {
    /// Draws a PNG or JPEG into a box, as large as fits with its aspect ratio kept, at the left and centred in height as a
    /// signature stands on its line. Transparency of a PNG is kept; a JPEG is taken over as it is.
    ///
    /// # Errors
    /// [`PdfError::Image`] for other formats, broken files, and more than [`MAX_PIXELS`] or [`MAX_IMAGE_BYTES`];
    /// [`PdfError::NoSuchPage`].
    pub fn stamp_image(&mut self, page: usize, place: Rect, image: &[u8]) -> Result<(), PdfError> {
        let id = self.page_id(page)?;
        let picture = Picture::read(image)?;
        let scale = (place.width / picture.width as f32).min(place.height / picture.height as f32);
        let (width, height) = (picture.width as f32 * scale, picture.height as f32 * scale);
        let [left, bottom, ..] = self.media_box(id);
        let (x, y) = (left + place.x, bottom + place.y + (place.height - height) / 2.0);
        let object = self.add_picture(picture);
        let name = format!("Stamp{}", object.0);
        self.draw(
            id,
            format!("q {width} 0 0 {height} {x} {y} cm /{name} Do Q\n").as_bytes(),
            &[],
            &[(name, object)],
        );
        Ok(())
    }

    /// Writes one line of text with its base line at `(x, y)`, smaller if it would be wider than `max_width` points.
    ///
    /// # Errors
    /// [`PdfError::NoSuchPage`].
    pub fn stamp_text(
        &mut self,
        page: usize,
        (x, y): (f32, f32),
        font: Font,
        size: f32,
        max_width: Option<f32>,
        text: &str,
    ) -> Result<(), PdfError> {
        let id = self.page_id(page)?;
        let codes = win_ansi(&clean(text).replace('\n', " "));
        let size = max_width.map_or(size, |room| fit(font, &codes, size, room));
        let [left, bottom, ..] = self.media_box(id);
        let mut out = format!(
            "q BT 0 g /{} {size} Tf {} {} Td\n",
            font.resource_name(),
            left + x,
            bottom + y
        )
        .into_bytes();
        show(&mut out, &codes);
        out.extend_from_slice(b"ET Q\n");
        self.draw(id, &out, &[font], &[]);
        Ok(())
    }

    /// Crosses a printed box.
    ///
    /// # Errors
    /// [`PdfError::NoSuchPage`].
    pub fn stamp_cross(&mut self, page: usize, place: Rect) -> Result<(), PdfError> {
        let id = self.page_id(page)?;
        let [left, bottom, ..] = self.media_box(id);
        self.draw(
            id,
            &cross(left + place.x, bottom + place.y, place.width, place.height),
            &[],
            &[],
        );
        Ok(())
    }

    fn add_picture(&mut self, picture: Picture) -> ObjectId {
        let image = |width: usize, height: usize, space: &str, filter: &str| -> Dictionary {
            dictionary! {
                "Type" => "XObject",
                "Subtype" => "Image",
                "Width" => width as i64,
                "Height" => height as i64,
                "ColorSpace" => space,
                "BitsPerComponent" => 8,
                "Filter" => filter,
            }
        };
        let mut dict = image(picture.width, picture.height, picture.space, picture.filter);
        if picture.inverted {
            dict.set("Decode", [1, 0, 1, 0, 1, 0, 1, 0].map(Object::Integer).to_vec());
        }
        if let Some(alpha) = picture.alpha {
            let mask = image(picture.width, picture.height, "DeviceGray", "FlateDecode");
            dict.set("SMask", self.add(Stream::new(mask, alpha)));
        }
        self.add(Stream::new(dict, picture.data))
    }
}

/// A picture as PDF keeps it: packed samples, and packed alpha beside them.
struct Picture {
    width: usize,
    height: usize,
    space: &'static str,
    filter: &'static str,
    inverted: bool,
    data: Vec<u8>,
    alpha: Option<Vec<u8>>,
}

fn broken(why: impl std::fmt::Display) -> PdfError {
    PdfError::Image(why.to_string())
}

fn bounded(width: usize, height: usize) -> Result<(), PdfError> {
    match width.checked_mul(height) {
        Some(0) => Err(broken("it has no pixels")),
        Some(pixels) if pixels <= MAX_PIXELS => Ok(()),
        _ => Err(broken(format_args!("it has more than {MAX_PIXELS} pixels"))),
    }
}

impl Picture {
    fn read(bytes: &[u8]) -> Result<Picture, PdfError> {
        if bytes.len() > MAX_IMAGE_BYTES {
            return Err(broken(format_args!("it is larger than {MAX_IMAGE_BYTES} bytes")));
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
            Picture::png(bytes)
        } else if bytes.starts_with(b"\xFF\xD8\xFF") {
            Picture::jpeg(bytes)
        } else {
            Err(broken("it is neither PNG nor JPEG"))
        }
    }

    fn png(bytes: &[u8]) -> Result<Picture, PdfError> {
        let limits = png::Limits {
            bytes: MAX_PIXELS * 8,
        };
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(broken)?;
        let (width, height) = (reader.info().width as usize, reader.info().height as usize);
        bounded(width, height)?;
        let size = reader
            .output_buffer_size()
            .ok_or_else(|| broken("it is too large"))?;
        let mut samples = vec![0; size];
        let frame = reader.next_frame(&mut samples).map_err(broken)?;
        samples.truncate(frame.buffer_size());
        let (channels, has_alpha) = match frame.color_type {
            png::ColorType::Grayscale => (1, false),
            png::ColorType::GrayscaleAlpha => (2, true),
            png::ColorType::Rgb => (3, false),
            png::ColorType::Rgba => (4, true),
            png::ColorType::Indexed => return Err(broken("its palette was not resolved")),
        };
        let colors = if has_alpha { channels - 1 } else { channels };
        let alpha = has_alpha.then(|| {
            deflate(
                &samples
                    .iter()
                    .skip(colors)
                    .step_by(channels)
                    .copied()
                    .collect::<Vec<_>>(),
            )
        });
        if has_alpha {
            samples = samples
                .chunks_exact(channels)
                .flat_map(|pixel| &pixel[..colors])
                .copied()
                .collect();
        }
        let space = if colors == 1 { "DeviceGray" } else { "DeviceRGB" };
        Ok(Picture {
            width,
            height,
            space,
            filter: "FlateDecode",
            inverted: false,
            data: deflate(&samples),
            alpha,
        })
    }

    /// Reads the frame header (ITU-T T.81, B.2.2); the file itself goes into the PDF unchanged.
    fn jpeg(bytes: &[u8]) -> Result<Picture, PdfError> {
        let mut at = 2;
        let mut adobe = false;
        loop {
            let [0xFF, marker, high, low] = *bytes
                .get(at..at + 4)
                .ok_or_else(|| broken("its header is cut off"))?
            else {
                return Err(broken("its header is broken"));
            };
            if marker == 0xFF {
                at += 1;
                continue;
            }
            let length = usize::from(u16::from_be_bytes([high, low]));
            let segment = bytes
                .get(at + 4..at + 2 + length.max(2))
                .ok_or_else(|| broken("its header is cut off"))?;
            match marker {
                0xC0..=0xC2 => {
                    let &[depth, h1, h0, w1, w0, channels, ..] = segment else {
                        return Err(broken("its header is cut off"));
                    };
                    let (width, height) = (
                        u16::from_be_bytes([w1, w0]).into(),
                        u16::from_be_bytes([h1, h0]).into(),
                    );
                    bounded(width, height)?;
                    let space = match channels {
                        1 => "DeviceGray",
                        3 => "DeviceRGB",
                        4 => "DeviceCMYK",
                        _ => return Err(broken("it has an unusual number of colours")),
                    };
                    if depth != 8 {
                        return Err(broken("it has more than 8 bits a colour"));
                    }
                    // Adobe's programs write inverted CMYK.
                    let inverted = adobe && channels == 4;
                    let data = bytes.to_vec();
                    return Ok(Picture {
                        width,
                        height,
                        space,
                        filter: "DCTDecode",
                        inverted,
                        data,
                        alpha: None,
                    });
                }
                0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                    return Err(broken("it is a kind of JPEG that PDF does not know"));
                }
                0xD8..=0xDA => return Err(broken("it has no frame header")),
                0xEE => adobe |= segment.starts_with(b"Adobe"),
                _ => {}
            }
            at += 2 + length.max(2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, color: png::ColorType, samples: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(color);
        encoder.write_header().unwrap().write_image_data(samples).unwrap();
        out
    }

    #[test]
    fn png_with_alpha_keeps_it_apart() {
        let picture = Picture::read(&png(2, 1, png::ColorType::Rgba, &[1, 2, 3, 0, 4, 5, 6, 255])).unwrap();
        assert_eq!(
            (picture.width, picture.height, picture.space),
            (2, 1, "DeviceRGB")
        );
        assert_eq!(picture.data, deflate(&[1, 2, 3, 4, 5, 6]));
        assert_eq!(picture.alpha, Some(deflate(&[0, 255])));
    }

    #[test]
    fn huge_and_broken_pictures_are_refused() {
        let mut huge = png(1, 1, png::ColorType::Grayscale, &[0]);
        huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        assert!(matches!(Picture::read(&huge), Err(PdfError::Image(_))));
        let whole = png(8, 8, png::ColorType::Rgb, &[7; 192]);
        for cut in 0..whole.len() - 13 {
            let _ = Picture::read(&whole[..cut]);
        }
        assert!(Picture::read(&whole[..40]).is_err());
        assert!(Picture::read(b"GIF89a").is_err());
        assert!(
            Picture::read(b"\xFF\xD8\xFF\xC0\x00\x0B\x08\xFF\xFF\xFF\xFF\x03").is_err(),
            "too many pixels"
        );
        assert!(Picture::read(b"\xFF\xD8\xFF\xE0\x00").is_err());
    }

    #[test]
    fn jpeg_header_is_read() {
        let jpeg = b"\xFF\xD8\xFF\xE0\x00\x04\x00\x00\xFF\xC0\x00\x0B\x08\x00\x10\x00\x20\x01\x01\x11\x00";
        let picture = Picture::read(jpeg).unwrap();
        assert_eq!(
            (picture.width, picture.height, picture.space, picture.filter),
            (32, 16, "DeviceGray", "DCTDecode")
        );
    }
}
