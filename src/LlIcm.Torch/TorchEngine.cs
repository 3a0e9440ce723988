using System.Text;
using LlIcm.Tensors;
using LlIcm.Torch.Interop;

namespace LlIcm.Torch;

/// <summary>libtorch: computes and differentiates. Loaded with the first tensor.</summary>
public sealed unsafe class TorchEngine : TensorEngine
{
    // Results of most operators with several of them; more are asked for again.
    private const int UsualResults = 64, MaximalResults = 4096;

    private TorchEngine()
    {
    }

    /// <summary>The engine.</summary>
    public static TorchEngine Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "libtorch";

    /// <inheritdoc/>
    public override int Rank => 1;

    /// <inheritdoc/>
    public override bool RecordsGradients => NativeMethods.llt_grad_mode() != 0;

    /// <inheritdoc/>
    public override bool SetGradMode(bool on)
    {
        bool before = NativeMethods.llt_grad_mode() != 0;
        NativeMethods.llt_set_grad_mode(on ? 1 : 0);
        return before;
    }

    /// <inheritdoc/>
    public override bool SetAutocast(Device device, ScalarType type, bool enabled) =>
        NativeMethods.Check(NativeMethods.llt_autocast(device.Name, enabled ? 1 : 0, (int)type)) != 0;

    /// <inheritdoc/>
    public override TensorData Call(Operator called, ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        int count = Invoke(called, arguments, &result, 1);
        return count == 1 && result.Tag == ArgumentKind.Tensor ? new TorchTensor((nint)result.Pointer)
            : throw new TensorException($"{called.Name} returned no tensor");
    }

    /// <inheritdoc/>
    public override TensorData[] CallMany(Operator called, ReadOnlySpan<Argument> arguments)
    {
        int capacity = Capacity(arguments);
        NativeValue* results = stackalloc NativeValue[capacity];
        int count = Invoke(called, arguments, results, capacity);
        var found = new List<TensorData>(count);
        for (int i = 0; i < count; i++)
            if (results[i].Tag == ArgumentKind.Tensor && results[i].Pointer != null) found.Add(new TorchTensor((nint)results[i].Pointer));
        return [.. found];
    }

    /// <inheritdoc/>
    public override void Run(Operator called, ReadOnlySpan<Argument> arguments)
    {
        int capacity = Capacity(arguments);
        NativeValue* results = stackalloc NativeValue[capacity];
        int count = Invoke(called, arguments, results, capacity);
        for (int i = 0; i < count; i++)
            if (results[i].Tag == ArgumentKind.Tensor && results[i].Pointer != null)
                NativeMethods.llt_free((nint)results[i].Pointer);
    }

    /// <inheritdoc/>
    public override double CallScalar(Operator called, ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        int count = Invoke(called, arguments, &result, 1);
        if (count != 1) throw new TensorException($"{called.Name} returned {count} results");
        return result.Tag switch
        {
            ArgumentKind.Double => result.Double,
            ArgumentKind.Integer or ArgumentKind.Bool => result.Integer,
            _ => throw new TensorException($"{called.Name} returned no number"),
        };
    }

    /// <inheritdoc/>
    public override TensorData Create(ReadOnlySpan<byte> elements, ScalarType type, ReadOnlySpan<long> shape, Device device)
    {
        fixed (byte* data = elements)
        fixed (long* sizes = shape)
            return new TorchTensor(NativeMethods.llt_from_host(data, sizes, shape.Length, (int)type, device.Name));
    }

    // A list of tensors gives as many results; sizes as many parts; some operators cut a tensor along a dimension.
    private static int Capacity(ReadOnlySpan<Argument> arguments)
    {
        long most = UsualResults;
        foreach (ref readonly Argument argument in arguments)
        {
            most = Math.Max(most, ListLength(argument));
            if (argument.Value is not Tensor tensor) continue;
            foreach (long size in tensor.Shape) most = Math.Max(most, Math.Min(size, MaximalResults));
        }
        return (int)Math.Min(most, MaximalResults);
    }

    private static int Invoke(Operator called, ReadOnlySpan<Argument> arguments, NativeValue* results, int capacity)
    {
        if (called.Handle == 0) called.Handle = NativeMethods.Check(NativeMethods.llt_find_operator(called.Name, called.Overload));

        int listed = 0, characters = 0;
        foreach (ref readonly Argument argument in arguments)
        {
            listed += ListLength(argument);
            characters += argument.Value is string text ? Encoding.UTF8.GetByteCount(text) : 0;
        }
        NativeValue* values = stackalloc NativeValue[arguments.Length];
        long* lists = stackalloc long[listed];
        byte* texts = stackalloc byte[characters];
        var held = new Holding();
        try
        {
            for (int i = 0; i < arguments.Length; i++) Write(arguments[i], ref values[i], ref lists, ref texts, ref held);
            return NativeMethods.Check(NativeMethods.llt_call(called.Handle, values, arguments.Length, results, capacity));
        }
        catch (TensorException error) when (error is not TorchUnavailableException)
        {
            throw new TensorException(Explain(called, error.Message, arguments), error);
        }
        finally
        {
            held.Release();
        }
    }

    private static int ListLength(in Argument argument) => argument.Value switch
    {
        long[] integers => integers.Length,
        double[] doubles => doubles.Length,
        Tensor?[] tensors => tensors.Length,
        _ => 0,
    };

    // Writes the native form; tensors are held until the call is over.
    private static void Write(in Argument argument, ref NativeValue value, ref long* lists, ref byte* text, ref Holding held)
    {
        value.Tag = argument.Kind;
        value.Integer = argument.Bits;
        switch (argument.Value)
        {
            case Tensor tensor:
                value.Pointer = (void*)held.Take(tensor);
                break;
            case long[] integers:
                value.Pointer = lists;
                value.Length = integers.Length;
                foreach (long integer in integers) *lists++ = integer;
                break;
            case double[] doubles:
                value.Pointer = lists;
                value.Length = doubles.Length;
                foreach (double number in doubles) *lists++ = BitConverter.DoubleToInt64Bits(number);
                break;
            case Tensor?[] tensors:
                value.Pointer = lists;
                value.Length = tensors.Length;
                foreach (Tensor? each in tensors) *lists++ = each is null ? 0 : held.Take(each);
                break;
            case string characters:
                int bytes = Encoding.UTF8.GetByteCount(characters);
                Encoding.UTF8.GetBytes(characters, new Span<byte>(text, bytes));
                value.Pointer = text;
                value.Length = bytes;
                text += bytes;
                break;
        }
    }

    private static string Explain(Operator called, string message, ReadOnlySpan<Argument> arguments)
    {
        StringBuilder text = new StringBuilder(called.Short).Append(": ").Append(message.Split("\nException raised", 2)[0].Trim());
        string separator = "; arguments: ";
        foreach (ref readonly Argument argument in arguments)
        {
            if (argument.Describe() is not { } shape) continue;
            text.Append(separator).Append(shape);
            separator = ", ";
        }
        return text.ToString();
    }

    // Leases on the tensors of one call: nearly always a few.
    private struct Holding
    {
        private TorchLease _first, _second, _third;
        private int _count;
        private List<IDisposable>? _others;

        public nint Take(Tensor tensor)
        {
            if (tensor.Data is not TorchTensor data)
            {
                // A tensor in host memory is copied for the call.
                using Tensor host = tensor.ToHost().Alias().Unscoped();
                data = (TorchTensor)Instance.Create(
                    new ReadOnlySpan<byte>((void*)host.DataPointer(), checked((int)(host.ElementCount * Tensor.SizeOf(host.Type)))),
                    host.Type, host.Shape, Device.Cpu);
                (_others ??= []).Add(data);
            }
            TorchLease lease = data.Lease();
            switch (_count++)
            {
                case 0: _first = lease; break;
                case 1: _second = lease; break;
                case 2: _third = lease; break;
                default: (_others ??= []).Add(lease); break;
            }
            return lease.Pointer;
        }

        public readonly void Release()
        {
            _first.Dispose();
            _second.Dispose();
            _third.Dispose();
            if (_others is null) return;
            for (int i = _others.Count - 1; i >= 0; i--) _others[i].Dispose();
        }
    }
}
