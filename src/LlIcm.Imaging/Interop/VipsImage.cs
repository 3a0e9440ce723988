using System.Runtime.InteropServices;

namespace LlIcm.Imaging.Interop;

/// <summary>A libvips image: a header, and a way to compute its pixels.</summary>
internal sealed unsafe class VipsImage : GObjectHandle
{
    // VipsBandFormat
    public const int UChar = 0;
    public const int UShort = 2;

    // VipsInterpretation
    public const int BlackWhite = 1;
    public const int Cmyk = 15;
    public const int Rgb = 17;
    public const int Srgb = 22;
    public const int Rgb16 = 25;
    public const int Grey16 = 26;
    public const int ScRgb = 28;

    public const string ExifField = "exif-data";
    public const string XmpField = "xmp-data";
    public const string IccField = "icc-profile-data";

    public int Width => Vips.vips_image_get_width(this);

    public int Height => Vips.vips_image_get_height(this);

    public int Bands => Vips.vips_image_get_bands(this);

    public int Format => Vips.vips_image_get_format(this);

    /// <summary>What the bands mean; where the file's word contradicts its bands, what they look like.</summary>
    public int Interpretation => Vips.vips_image_guess_interpretation(this);

    public bool HasAlpha => Vips.vips_image_hasalpha(this) != 0;

    /// <summary>EXIF orientation, 1–8.</summary>
    public int Orientation => Vips.vips_image_get_orientation(this);

    /// <summary>Views 8-bit interleaved samples, which must stay where they are while the image is in use.</summary>
    public static VipsImage View(byte* samples, long length, int width, int height, int bands)
    {
        VipsLibrary.Start();
        Vips.vips_error_clear();
        VipsImage image = Vips.vips_image_new_from_memory(samples, (nuint)length, width, height, bands, UChar);
        return image.IsInvalid ? throw new VipsException("new_from_memory", VipsLibrary.TakeError()) : image;
    }

    /// <summary>Runs an operation that takes one image, <c>in</c>, and makes one, <c>out</c>.</summary>
    public VipsImage Apply(string operation, Action<VipsOperation>? arguments = null)
    {
        using VipsOperation op = VipsOperation.Create(operation).Set("in", this);
        arguments?.Invoke(op);
        return op.Image();
    }

    /// <summary>Computes all pixels into memory, so that they can be read in any order; the orientation is kept.</summary>
    public VipsImage ToMemory()
    {
        byte[] samples = Samples();
        Vips.vips_error_clear();
        fixed (byte* data = samples)
        {
            VipsImage copy = Vips.vips_image_new_from_memory_copy(data, (nuint)samples.Length, Width, Height, Bands, Format);
            if (copy.IsInvalid) throw new VipsException("new_from_memory_copy", VipsLibrary.TakeError());
            copy.CopyFields(this, "orientation");
            return copy;
        }
    }

    /// <summary>Computes all pixels: interleaved samples, row after row.</summary>
    /// <remarks>
    /// On this thread, strip by strip: up to 8.14 at least, libvips' thread pool takes its result before its workers have ended, so that
    /// an error in the last rows of a picture is now and then lost, and a truncated file read without complaint.
    /// </remarks>
    public byte[] Samples()
    {
        const int rowsOfStrip = 128;
        Vips.vips_error_clear();
        using VipsRegion region = Vips.vips_region_new(this);
        if (region.IsInvalid) throw new VipsException("region", VipsLibrary.TakeError());
        byte[]? samples = null;
        for (int top = 0; top < Height; top += rowsOfStrip)
        {
            int rows = Math.Min(rowsOfStrip, Height - top);
            nint strip = Vips.vips_region_fetch(region, 0, top, Width, rows, out nuint size);
            if (strip == 0) throw new VipsException("region_fetch", VipsLibrary.TakeError());
            try
            {
                long row = (long)size / rows;
                samples ??= new byte[row * Height];
                new ReadOnlySpan<byte>((void*)strip, (int)size).CopyTo(samples.AsSpan(checked((int)(row * top))));
            }
            finally
            {
                Vips.g_free(strip);
            }
        }
        return samples ?? [];
    }

    public bool HasField(string name) => Vips.vips_image_get_typeof(this, name) != 0;

    /// <summary>A copy of binary metadata, or null.</summary>
    public byte[]? Blob(string name)
    {
        if (!HasField(name) || Vips.vips_image_get_blob(this, name, out nint data, out nuint length) != 0) return null;
        byte[] copy = new ReadOnlySpan<byte>((void*)data, checked((int)length)).ToArray();
        GC.KeepAlive(this);
        return copy;
    }

    public void SetBlob(string name, ReadOnlySpan<byte> data)
    {
        fixed (byte* p = data) Vips.vips_image_set_blob_copy(this, name, p, (nuint)data.Length);
    }

    /// <summary>Copies every metadata field whose name starts like this from another image.</summary>
    public void CopyFields(VipsImage from, string prefix)
    {
        nint* fields = Vips.vips_image_get_fields(from);
        try
        {
            for (nint* field = fields; *field != 0; field++)
            {
                string name = Marshal.PtrToStringUTF8(*field)!;
                if (!name.StartsWith(prefix, StringComparison.Ordinal)) continue;
                GValue value = default;
                if (Vips.vips_image_get(from, *field, ref value) != 0) continue;
                Vips.vips_image_set(this, *field, value);
                Vips.g_value_unset(ref value);
            }
        }
        finally
        {
            Vips.g_strfreev(fields);
        }
    }
}
