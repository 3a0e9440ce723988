namespace LlIcm.Imaging.Interop;

/// <summary>Names of the metadata that libvips attaches to images.</summary>
internal static class VipsField
{
    public const string Exif = "exif-data";
    public const string Xmp = "xmp-data";
    public const string Icc = "icc-profile-data";
    public const string Orientation = "orientation";
    public const string Pages = "n-pages";
}
