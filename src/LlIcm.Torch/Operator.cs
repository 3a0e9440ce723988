using System.Text;
using LlIcm.Torch.Interop;

namespace LlIcm.Torch;

/// <summary>
/// An ATen operator, named as in PyTorch's schema (<c>aten::conv2d</c>, overload <c>padding</c>), resolved at its first call.
/// Leading arguments are given, the schema's defaults stand for the rest.
/// </summary>
public sealed unsafe class Operator
{
    private const int MaximalResults = 4096;

    private readonly string _name;
    private readonly string _overload;
    private nint _handle;

    /// <summary>Names an operator; nothing is loaded yet.</summary>
    /// <param name="name">The name with its namespace, or without for <c>aten</c>.</param>
    /// <param name="overload">The overload's name, empty for the default one.</param>
    public Operator(string name, string overload = "")
    {
        _name = name.Contains("::", StringComparison.Ordinal) ? name : "aten::" + name;
        _overload = overload;
    }

    /// <summary>Calls and returns the only tensor.</summary>
    /// <exception cref="TorchException">libtorch refused the arguments.</exception>
    public Tensor Call(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        int count = Invoke(arguments, &result, 1);
        if (count != 1 || result.Tag != NativeTag.Tensor)
            throw new TorchException($"{_name} returned no tensor");
        return new Tensor((nint)result.Pointer);
    }

    /// <summary>Calls and returns every tensor among the results, lists flattened.</summary>
    /// <exception cref="TorchException">libtorch refused the arguments.</exception>
    public Tensor[] CallMany(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue* results = stackalloc NativeValue[MaximalResults];
        int count = Invoke(arguments, results, MaximalResults);
        int tensors = 0;
        for (int i = 0; i < count; i++)
            if (results[i].Tag == NativeTag.Tensor && results[i].Pointer != null) tensors++;
        var found = new Tensor[tensors];
        for (int i = 0, next = 0; i < count; i++)
            if (results[i].Tag == NativeTag.Tensor && results[i].Pointer != null)
                found[next++] = new Tensor((nint)results[i].Pointer);
        return found;
    }

    /// <summary>Calls for the effect; whatever is returned is released.</summary>
    /// <exception cref="TorchException">libtorch refused the arguments.</exception>
    public void Run(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue* results = stackalloc NativeValue[MaximalResults];
        int count = Invoke(arguments, results, MaximalResults);
        for (int i = 0; i < count; i++)
            if (results[i].Tag == NativeTag.Tensor && results[i].Pointer != null)
                NativeMethods.llt_free((nint)results[i].Pointer);
    }

    /// <summary>Calls and returns the only number.</summary>
    /// <exception cref="TorchException">libtorch refused the arguments.</exception>
    public double CallScalar(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        int count = Invoke(arguments, &result, 1);
        if (count != 1) throw new TorchException($"{_name} returned {count} results");
        return result.Tag switch
        {
            NativeTag.Double => result.Double,
            NativeTag.Integer or NativeTag.Bool => result.Integer,
            _ => throw new TorchException($"{_name} returned no number"),
        };
    }

    private int Invoke(ReadOnlySpan<Argument> arguments, NativeValue* results, int capacity)
    {
        if (_handle == 0) _handle = NativeMethods.Check(NativeMethods.llt_find_operator(_name, _overload));

        int listed = 0, characters = 0;
        foreach (ref readonly Argument argument in arguments)
        {
            listed += argument.ListLength;
            characters += argument.TextLength;
        }
        NativeValue* values = stackalloc NativeValue[arguments.Length];
        long* lists = stackalloc long[listed];
        byte* text = stackalloc byte[characters];
        int held = 0;
        try
        {
            for (int i = 0; i < arguments.Length; i++)
            {
                arguments[i].Write(ref values[i], ref lists, ref text);
                held++;
            }
            return NativeMethods.Check(NativeMethods.llt_call(_handle, values, arguments.Length, results, capacity));
        }
        catch (TorchException error) when (error is not TorchUnavailableException)
        {
            throw new TorchException(Explain(error.Message, arguments));
        }
        finally
        {
            for (int i = 0; i < held; i++) arguments[i].Release();
        }
    }

    private string Explain(string message, ReadOnlySpan<Argument> arguments)
    {
        var text = new StringBuilder(_name.Replace("aten::", "", StringComparison.Ordinal)).Append(": ");
        text.Append(message.Split("\nException raised", 2)[0].Trim());
        string separator = "; arguments: ";
        foreach (ref readonly Argument argument in arguments)
        {
            if (argument.Describe() is not { } shape) continue;
            text.Append(separator).Append(shape);
            separator = ", ";
        }
        return text.ToString();
    }
}
