namespace LlIcm.Imaging;

/// <summary>What a picture file's header says.</summary>
/// <param name="Format">The format, by content, not by name.</param>
/// <param name="Width">Pixels in a row, after the orientation is applied.</param>
/// <param name="Height">Rows, after the orientation is applied.</param>
/// <param name="Channels">Channels stored, alpha included: 1 grey, 3 RGB, 4 RGB with alpha or CMYK …</param>
/// <param name="BitsPerChannel">Bits of a decoded channel: 8, 16 or 32.</param>
/// <param name="HasAlpha">Whether there is an alpha channel.</param>
/// <param name="Orientation">The EXIF orientation that reading applies, 1 (upright) – 8.</param>
/// <param name="HasIccProfile">Whether a colour profile is embedded.</param>
/// <param name="HasExif">Whether there is EXIF.</param>
/// <param name="HasXmp">Whether there is XMP.</param>
/// <param name="Images">Pictures, frames or pages in the file; reading takes the first or main one.</param>
public sealed record PictureInfo(
    PictureFormat Format, int Width, int Height, int Channels, int BitsPerChannel, bool HasAlpha, int Orientation,
    bool HasIccProfile, bool HasExif, bool HasXmp, int Images = 1);
