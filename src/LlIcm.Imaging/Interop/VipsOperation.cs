using System.Globalization;

namespace LlIcm.Imaging.Interop;

/// <summary>A libvips operation: set its arguments, run it, take its result.</summary>
internal sealed unsafe class VipsOperation : GObjectHandle
{
    private string _name = "";

    /// <summary>Makes the operation of this name.</summary>
    /// <exception cref="VipsException">The running libvips has none.</exception>
    public static VipsOperation Create(string name)
    {
        VipsLibrary.Start();
        Vips.vips_error_clear();
        VipsOperation operation = Vips.vips_operation_new(name);
        if (operation.IsInvalid) throw new VipsException(name, VipsLibrary.TakeError());
        operation._name = name;
        return operation;
    }

    /// <summary>Sets a number, a truth value, an enumeration by its short name, a list of numbers or a text.</summary>
    public VipsOperation Set(string argument, string value)
    {
        if (Vips.vips_object_set_argument_from_string(this, argument, value) != 0)
            throw new VipsException(_name, VipsLibrary.TakeError());
        return this;
    }

    public VipsOperation Set(string argument, double value) =>
        Set(argument, value.ToString("R", CultureInfo.InvariantCulture));

    public VipsOperation Set(string argument, int value) => Set(argument, value.ToString(CultureInfo.InvariantCulture));

    public VipsOperation Set(string argument, bool value) => Set(argument, value ? "true" : "false");

    public VipsOperation Set(string argument, VipsImage image)
    {
        GValue value = default;
        Vips.g_value_init(ref value, Vips.vips_image_get_type());
        Vips.g_value_set_object(ref value, image);
        return Set(argument, ref value);
    }

    private VipsOperation Set(string argument, ReadOnlySpan<VipsImage> images)
    {
        GValue value = default;
        Vips.g_value_init(ref value, Vips.vips_array_image_get_type());
        Vips.vips_value_set_array_image(ref value, images.Length);
        nint* slots = Vips.vips_value_get_array_image(value, out _);
        for (int i = 0; i < images.Length; i++) slots[i] = Vips.g_object_ref(images[i].DangerousGetHandle());
        Set(argument, ref value);
        foreach (VipsImage image in images) GC.KeepAlive(image);
        return this;
    }

    /// <summary>Puts the images' bands one behind the other.</summary>
    public static VipsImage Join(params ReadOnlySpan<VipsImage> images)
    {
        using VipsOperation join = Create("bandjoin").Set("in", images);
        return join.Image();
    }

    /// <summary>Sets bytes, which are not copied: they must stay where they are while the result is in use.</summary>
    public VipsOperation Set(string argument, byte* data, int length)
    {
        GValue value = default;
        Vips.g_value_init(ref value, Vips.vips_blob_get_type());
        Vips.vips_value_set_blob(ref value, 0, data, (nuint)length);
        return Set(argument, ref value);
    }

    /// <summary>Runs the operation and returns the image it made (its pixels may be computed later).</summary>
    public VipsImage Image(string result = "out")
    {
        Build();
        GValue value = default;
        Vips.g_value_init(ref value, Vips.vips_image_get_type());
        Vips.g_object_get_property(this, result, ref value);
        VipsImage image = Vips.g_value_dup_object(value);
        Vips.g_value_unset(ref value);
        Vips.vips_object_unref_outputs(this);
        return image;
    }

    /// <summary>Runs the operation and returns a copy of the bytes it made.</summary>
    public byte[] Bytes(string result = "buffer")
    {
        Build();
        GValue value = default;
        Vips.g_value_init(ref value, Vips.vips_blob_get_type());
        Vips.g_object_get_property(this, result, ref value);
        nint data = Vips.vips_value_get_blob(value, out nuint length);
        byte[] bytes = new ReadOnlySpan<byte>((void*)data, checked((int)length)).ToArray();
        Vips.g_value_unset(ref value);
        Vips.vips_object_unref_outputs(this);
        return bytes;
    }

    private VipsOperation Set(string argument, ref GValue value)
    {
        Vips.g_object_set_property(this, argument, value);
        Vips.g_value_unset(ref value);
        return this;
    }

    private void Build()
    {
        if (Vips.vips_object_build(this) == 0) return;
        // A half-built operation may hold references to what it made so far.
        Vips.vips_object_unref_outputs(this);
        throw new VipsException(_name, VipsLibrary.TakeError());
    }
}
