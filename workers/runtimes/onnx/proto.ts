/** @file The part of the ONNX file format that a lowered program uses, as a protobuf description; writes models as bytes. */
import protobuf from 'protobufjs';

/** Element types of TensorProto. */
export const elementType = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 } as const;
export type ElementType = keyof typeof elementType;

export interface TensorProto {
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly name?: string;
  readonly rawData: Uint8Array;
}
export interface AttributeProto {
  readonly name: string;
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly g?: GraphProto;
  readonly ints?: readonly number[];
}
export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly opType: string;
  readonly attribute: readonly AttributeProto[];
}
interface TensorTypeProto {
  readonly elemType: number;
  readonly shape?: { readonly dim: readonly ({ dimValue: number } | { dimParam: string })[] };
}
export interface ValueInfoProto {
  readonly name: string;
  readonly type:
    { readonly tensorType: TensorTypeProto } | { readonly sequenceType: { readonly elemType: { readonly tensorType: TensorTypeProto } } };
}
export interface GraphProto {
  readonly node: readonly NodeProto[];
  readonly name: string;
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
}

const attributeType = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

/** Field numbers and types are those of onnx.proto (ONNX 1.16). */
const description = {
  nested: {
    Model: {
      fields: {
        irVersion: { type: 'int64', id: 1 },
        producerName: { type: 'string', id: 2 },
        graph: { type: 'Graph', id: 7 },
        opsetImport: { rule: 'repeated', type: 'OperatorSet', id: 8 },
      },
    },
    OperatorSet: { fields: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } } },
    Graph: {
      fields: {
        node: { rule: 'repeated', type: 'Node', id: 1 },
        name: { type: 'string', id: 2 },
        initializer: { rule: 'repeated', type: 'Tensor', id: 5 },
        input: { rule: 'repeated', type: 'ValueInfo', id: 11 },
        output: { rule: 'repeated', type: 'ValueInfo', id: 12 },
      },
    },
    Node: {
      fields: {
        input: { rule: 'repeated', type: 'string', id: 1 },
        output: { rule: 'repeated', type: 'string', id: 2 },
        opType: { type: 'string', id: 4 },
        attribute: { rule: 'repeated', type: 'Attribute', id: 5 },
      },
    },
    Attribute: {
      fields: {
        name: { type: 'string', id: 1 },
        f: { type: 'float', id: 2 },
        i: { type: 'int64', id: 3 },
        s: { type: 'bytes', id: 4 },
        g: { type: 'Graph', id: 6 },
        ints: { rule: 'repeated', type: 'int64', id: 8 },
        type: { type: 'int32', id: 20 },
      },
    },
    Tensor: {
      fields: {
        dims: { rule: 'repeated', type: 'int64', id: 1 },
        dataType: { type: 'int32', id: 2 },
        name: { type: 'string', id: 8 },
        rawData: { type: 'bytes', id: 9 },
      },
    },
    ValueInfo: { fields: { name: { type: 'string', id: 1 }, type: { type: 'Type', id: 2 } } },
    Type: { fields: { tensorType: { type: 'TensorType', id: 1 }, sequenceType: { type: 'SequenceType', id: 4 } } },
    SequenceType: { fields: { elemType: { type: 'Type', id: 1 } } },
    TensorType: { fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'Shape', id: 2 } } },
    Shape: { fields: { dim: { rule: 'repeated', type: 'Dimension', id: 1 } } },
    Dimension: { fields: { dimValue: { type: 'int64', id: 1 }, dimParam: { type: 'string', id: 2 } } },
  },
};
const model = protobuf.Root.fromJSON(description).lookupType('Model');

/** Version of the standard's operators that the lowering speaks; from 18 on every reduction takes its axes as an input. */
const opset = 18;

export function encodeModel(graph: GraphProto): Uint8Array {
  return model.encode({ irVersion: 9, producerName: 'plateau', graph, opsetImport: [{ domain: '', version: opset }] }).finish();
}

export type AttributeValue = number | string | readonly number[] | GraphProto | { readonly float: number };

export function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') return { name, type: attributeType.int, i: value };
  if (typeof value === 'string') return { name, type: attributeType.string, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: attributeType.ints, ints: value as readonly number[] };
  if ('float' in (value as object)) return { name, type: attributeType.float, f: (value as { float: number }).float };
  return { name, type: attributeType.graph, g: value as GraphProto };
}

/** An axis is a number, or a name for one that is known when the session runs. */
export function valueInfo(name: string, type: ElementType, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((n) => (typeof n === 'number' ? { dimValue: n } : { dimParam: n }));
  return { name, type: { tensorType: { elemType: elementType[type], shape: { dim } } } };
}

/** A list of tensors of any shape. */
export const sequenceInfo = (name: string, type: ElementType): ValueInfoProto => ({
  name,
  type: { sequenceType: { elemType: { tensorType: { elemType: elementType[type] } } } },
});

export function tensor(name: string, type: ElementType, dims: readonly number[], values: ArrayLike<number>): TensorProto {
  const array =
    type === 'float32'
      ? Float32Array.from(values)
      : type === 'float64'
        ? Float64Array.from(values)
        : type === 'int32'
          ? Int32Array.from(values)
          : type === 'int64'
            ? BigInt64Array.from(Array.from(values, BigInt))
            : Uint8Array.from(values);
  return { name, dims, dataType: elementType[type], rawData: new Uint8Array(array.buffer) };
}
