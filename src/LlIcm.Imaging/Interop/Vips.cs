using System.Runtime.InteropServices;

namespace LlIcm.Imaging.Interop;

/// <summary>
/// The entry points of libvips and of the GObject library under it. Operations go through GObject properties: libvips'
/// own C functions take variable arguments, which P/Invoke cannot pass everywhere.
/// </summary>
/// <remarks>
/// GLib is reached through libvips' handle (<see cref="VipsLibrary"/>), so a libvips with GLib inside works too.
/// </remarks>
internal static unsafe partial class Vips
{
    public const string Library = "vips";
    public const string GObject = "gobject";
    public const string GLib = "glib";

    // Start and errors
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int vips_init(string argv0);

    [LibraryImport(Library)]
    public static partial int vips_version(int flag);

    [LibraryImport(Library)]
    public static partial void vips_concurrency_set(int concurrency);

    [LibraryImport(Library)]
    public static partial void vips_cache_set_max(int max);

    [LibraryImport(Library)]
    public static partial nint vips_error_buffer_copy();

    [LibraryImport(Library)]
    public static partial void vips_error_clear();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nuint vips_type_find(string baseName, string nickname);

    // Operations
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial VipsOperation vips_operation_new(string name);

    [LibraryImport(Library)]
    public static partial int vips_object_build(VipsOperation operation);

    [LibraryImport(Library)]
    public static partial void vips_object_unref_outputs(VipsOperation operation);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int vips_object_set_argument_from_string(VipsOperation operation, string name, string value);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void g_object_set_property(VipsOperation operation, string name, in GValue value);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void g_object_get_property(VipsOperation operation, string name, ref GValue value);

    // Images
    [LibraryImport(Library)]
    public static partial VipsImage vips_image_new_from_memory(
        void* data, nuint size, int width, int height, int bands, int format);

    [LibraryImport(Library)]
    public static partial VipsImage vips_image_new_from_memory_copy(
        byte* data, nuint size, int width, int height, int bands, int format);

    [LibraryImport(Library)]
    public static partial VipsRegion vips_region_new(VipsImage image);

    [LibraryImport(Library)]
    public static partial nint vips_region_fetch(VipsRegion region, int left, int top, int width, int height, out nuint size);

    [LibraryImport(Library)]
    public static partial int vips_image_get_width(VipsImage image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_height(VipsImage image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_bands(VipsImage image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_format(VipsImage image);

    [LibraryImport(Library)]
    public static partial int vips_image_guess_interpretation(VipsImage image);

    [LibraryImport(Library)]
    public static partial int vips_image_hasalpha(VipsImage image);

    [LibraryImport(Library)]
    public static partial double vips_image_get_xres(VipsImage image);

    [LibraryImport(Library)]
    public static partial double vips_image_get_yres(VipsImage image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_orientation(VipsImage image);

    // Metadata
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nuint vips_image_get_typeof(VipsImage image, string name);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int vips_image_get_blob(VipsImage image, string name, out nint data, out nuint length);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void vips_image_set_blob_copy(VipsImage image, string name, void* data, nuint length);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void vips_image_set_int(VipsImage image, string name, int value);

    [LibraryImport(Library)]
    public static partial nint* vips_image_get_fields(VipsImage image);

    [LibraryImport(Library)]
    public static partial int vips_image_get(VipsImage image, nint name, ref GValue value);

    [LibraryImport(Library)]
    public static partial void vips_image_set(VipsImage image, nint name, in GValue value);

    // Values
    [LibraryImport(Library)]
    public static partial nuint vips_image_get_type();

    [LibraryImport(Library)]
    public static partial nuint vips_blob_get_type();

    [LibraryImport(Library)]
    public static partial nuint vips_array_image_get_type();

    [LibraryImport(Library)]
    public static partial void vips_value_set_blob(ref GValue value, nint free, void* data, nuint length);

    [LibraryImport(Library)]
    public static partial nint vips_value_get_blob(in GValue value, out nuint length);

    [LibraryImport(Library)]
    public static partial void vips_value_set_array_image(ref GValue value, int length);

    [LibraryImport(Library)]
    public static partial nint* vips_value_get_array_image(in GValue value, out int length);

    [LibraryImport(GObject)]
    public static partial void g_value_init(ref GValue value, nuint type);

    [LibraryImport(GObject)]
    public static partial void g_value_unset(ref GValue value);

    [LibraryImport(GObject)]
    public static partial void g_value_set_object(ref GValue value, VipsImage image);

    [LibraryImport(GObject)]
    public static partial VipsImage g_value_dup_object(in GValue value);

    [LibraryImport(GObject)]
    public static partial nint g_object_ref(nint instance);

    [LibraryImport(GObject)]
    public static partial void g_object_unref(nint instance);

    [LibraryImport(GLib)]
    public static partial void g_free(nint memory);

    [LibraryImport(GLib)]
    public static partial void g_strfreev(nint* strings);

    [LibraryImport(GLib, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint g_log_set_handler(
        string domain, int levels, delegate* unmanaged<nint, int, nint, nint, void> handler, nint data);
}
